// Subjects of the frequencies of values: mode, mode_share, class_balance, entropy.

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <utility>

#include "base/text.h"
#include "expectations/category_counts.h"
#include "expectations/number_check.h"
#include "expectations/subjects_internal.h"
#include "states/tally.h"

namespace cupel::expectations {
namespace {

using As = table::ColumnRequest::As;
using states::Tally;

Result<int> need_frequencies(states::Plan& plan, const suite::Expectation& expectation, const Planning& planning) {
  ASSIGN_OR_RETURN(const auto column, request_column(plan.schema(), expectation.arguments[0], expectation.subject_node, As::native));
  return need_tally(plan, column, planning);
}

/// A number of the frequencies, as a check.
Result<std::unique_ptr<DataCheck>> make_of_counts(const suite::Expectation& expectation, Reading (*read)(const Tally&), std::string (*show)(double)) {
  NumberCheck::Measure measure;
  measure.name = expectation.subject->name;
  measure.show = show;
  measure.need = [expectation](states::Plan& plan, const Planning& planning) -> Result<std::vector<int>> {
    ASSIGN_OR_RETURN(const int state, need_frequencies(plan, expectation, planning));
    return std::vector<int>{state};
  };
  measure.read = [read](const states::Answers& answers, std::span<const int> states, const table::Schema&) {
    const auto& counts = answers.get<Tally>(states[0]);
    if (counts.count() == 0) return Reading{{}, 0, "0 present values, nothing to count", {}};
    return read(counts);
  };
  return make_number_check(expectation, std::move(measure));
}

Reading read_mode_share(const Tally& counts) {
  const auto most = counts.by_count(1);
  return {static_cast<double>(most[0].count) / static_cast<double>(counts.count()), counts.count(), {}, fmt::format(", '{}'", shorten(most[0].value, 40))};
}

/// As counts in memory order values: numbers and times ascending, NaN last, text bytewise.
bool value_less(const Tally& counts, const Tally::Item& a, const Tally::Item& b) {
  switch (static_cast<table::Type>(a.type)) {
    case table::Type::text: return counts.value_text(a) < counts.value_text(b);
    case table::Type::number: {
      const auto x = std::bit_cast<double>(a.bits);
      const auto y = std::bit_cast<double>(b.bits);
      return std::isnan(y) ? !std::isnan(x) : x < y;
    }
    default: return static_cast<std::int64_t>(a.bits) < static_cast<std::int64_t>(b.bits);
  }
}

/// The least frequent value (of several the last) and the most frequent one (of several the first).
std::pair<states::ValueCounts::Entry, states::ValueCounts::Entry> extremes_of(const Tally& counts) {
  if (counts.is_in_memory()) {
    const auto all = counts.in_memory().by_count();
    return {all.back(), all.front()};
  }
  std::optional<Tally::Item> least;
  std::optional<Tally::Item> most;
  counts.for_each([&](const Tally::Item& item) {
    if (!least || item.count < least->count || (item.count == least->count && value_less(counts, *least, item))) least = item;
    if (!most || item.count > most->count || (item.count == most->count && value_less(counts, item, *most))) most = item;
  });
  return {{counts.value_text(*least), least->count, least->first_row}, {counts.value_text(*most), most->count, most->first_row}};
}

Reading read_balance(const Tally& counts) {
  const auto [least, most] = extremes_of(counts);
  return {static_cast<double>(least.count) / static_cast<double>(most.count), counts.count(), {},
          fmt::format(", '{}' ({}) to '{}' ({})", shorten(least.value, 40), with_thousands(least.count), shorten(most.value, 40), with_thousands(most.count))};
}

/// -sum p log p, in nats.
Reading read_entropy(const Tally& counts) {
  const auto total = static_cast<double>(counts.count());
  double sum = 0;
  double lost = 0;  // Kahan: many rare values
  const auto add = [&](std::int64_t count) {
    const double p = static_cast<double>(count) / total;
    const double term = -p * std::log(p) - lost;
    const double next = sum + term;
    lost = (next - sum) - term;
    sum = next;
  };
  std::int64_t distinct = 0;
  if (counts.is_in_memory()) {
    for (const std::int64_t count : counts.in_memory().counts()) add(count);
    distinct = counts.in_memory().distinct();
  } else {
    counts.for_each([&](const Tally::Item& item) {
      add(item.count);
      ++distinct;
    });
  }
  return {std::max(0.0, sum), counts.count(), {}, fmt::format(" with {} values", with_thousands(distinct))};
}

Result<std::unique_ptr<DataCheck>> make_mode_share(const suite::Expectation& expectation) { return make_of_counts(expectation, read_mode_share, percent_text); }
Result<std::unique_ptr<DataCheck>> make_class_balance(const suite::Expectation& expectation) { return make_of_counts(expectation, read_balance, percent_text); }
Result<std::unique_ptr<DataCheck>> make_entropy(const suite::Expectation& expectation) { return make_of_counts(expectation, read_entropy, nullptr); }

/// "5" is "5.0" where both are numbers.
bool same_value(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto x = parse_number(a);
  const auto y = parse_number(b);
  return x && y && *x == *y;
}

/// The most common value, or the `first` most common ones. Values that tie for a place all count as holding it.
class ModeCheck : public DataCheck {
 public:
  ModeCheck(const suite::Expectation& expectation, std::int64_t first) : expectation_(expectation), first_(first) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(state_, need_frequencies(*planning.current, expectation_, planning));
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& counts = facts.current->get<Tally>(state_);
    outcome.rows_tested = counts.count();
    if (counts.count() == 0) return outcome.cannot(fmt::format("0 present values{}, nothing to count", where_words(outcome)));
    // Of those that tie for the last places as many are listed as a report can show; all count.
    constexpr std::int64_t k_listed_ties = 1000;
    const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(first_, counts.distinct()));
    const auto all = counts.by_count(static_cast<std::int64_t>(wanted) + k_listed_ties);
    const std::int64_t last = all[wanted - 1].count;
    // The places without doubt must all be accepted; of those that tie for the last ones, as many as are left.
    std::size_t accepted = accepted_ties(counts, last);
    Json observed = Json::array();
    std::string shown;
    for (std::size_t i = 0; i < all.size() && all[i].count >= last; ++i) {
      observed.push_back(all[i].value);
      if (i < 8) shown += fmt::format("{}'{}' ({})", i == 0 ? "" : ", ", shorten(all[i].value, 40), percent_text(static_cast<double>(all[i].count) / static_cast<double>(counts.count())));
      if (all[i].count == last) continue;
      if (!accepts(all[i].value)) {
        accepted = 0;
        break;
      }
      ++accepted;
    }
    outcome.observed = first_ == 1 && observed.size() == 1 ? observed[0] : observed;
    outcome.pass_if(accepted >= wanted);
    outcome.message = fmt::format("most common {} over {} rows, expected {}", shown, with_thousands(counts.count()), expectation_.predicate->words());
  }

 private:
  /// The values that occur this often and are accepted.
  std::size_t accepted_ties(const Tally& counts, std::int64_t count) const {
    if (counts.is_in_memory()) {
      const auto all = counts.in_memory().by_count();
      return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const auto& entry) { return entry.count == count && accepts(entry.value); }));
    }
    const bool takes_named = expectation_.predicate->name() == "in" || expectation_.predicate->name() == "equals";
    std::vector<std::string> names;
    for (const suite::Limit& limit : expectation_.predicate->limits) {
      const bool known = std::any_of(names.begin(), names.end(), [&](const std::string& name) { return same_value(name, limit.text); });
      if (!known) names.push_back(limit.text);
    }
    std::size_t named = 0;
    for (const std::int64_t found : counts.counts_of(names)) named += found == count ? 1 : 0;
    if (takes_named) return named;
    std::size_t ties = 0;
    counts.for_each([&](const Tally::Item& item) { ties += item.count == count ? 1 : 0; });
    return ties - named;
  }

  bool accepts(std::string_view value) const {
    const suite::Predicate& predicate = *expectation_.predicate;
    const bool named = std::any_of(predicate.limits.begin(), predicate.limits.end(), [&](const suite::Limit& limit) { return same_value(limit.text, value); });
    return named == (predicate.name() == "in" || predicate.name() == "equals");
  }

  suite::Expectation expectation_;
  std::int64_t first_;
  int state_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_mode(const suite::Expectation& expectation) {
  std::int64_t first = 1;
  if (const yaml::Node* node = expectation.parameter("first")) {
    ASSIGN_OR_RETURN(first, node->integer("'first'"));
    if (first < 1) return node->fail_here(fmt::format("'first' is {}, expected 1 or more", node->description()));
  }
  const suite::Predicate& predicate = *expectation.predicate;
  if (predicate.limits.empty()) return predicate.node.fail_here(fmt::format("'{}' is {}, expected a value", predicate.name(), predicate.node.description()));
  return std::make_unique<ModeCheck>(expectation, first);
}

}  // namespace

const DataSubject k_class_balance_subject = {{"class_balance", "rows of the rarest value by those of the most common one", suite::Argument::column, k_number_predicates}, make_class_balance};
const DataSubject k_entropy_subject = {{"entropy", "entropy of the values in nats: -sum p log p", suite::Argument::column, k_number_predicates}, make_entropy};
const DataSubject k_mode_subject = {{"mode", "the most common value, or the first few", suite::Argument::column, {"equals", "in", "not_equals", "not_in"}, {"first"}}, make_mode};
const DataSubject k_mode_share_subject = {{"mode_share", "share of the present rows that hold the most common value", suite::Argument::column, k_number_predicates}, make_mode_share};

}  // namespace cupel::expectations
