// Subjects of the frequencies of values: mode, mode_share, class_balance, entropy.

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "expectations/number_check.h"
#include "expectations/subjects_internal.h"
#include "states/value_counts.h"

namespace cupel::expectations {
namespace {

using As = table::ColumnRequest::As;
using states::ValueCounts;

Result<int> need_frequencies(states::Plan& plan, const suite::Expectation& expectation, const std::optional<table::Expression>& where) {
  ASSIGN_OR_RETURN(const auto column, request_column(plan.schema(), expectation.arguments[0], expectation.subject_node, As::native));
  return plan.need("value_counts", {column}, where, [](std::span<const int> slots) { return std::make_unique<ValueCounts>(slots[0]); });
}

/// A number of the frequencies, as a check.
Result<std::unique_ptr<DataCheck>> make_of_counts(const suite::Expectation& expectation, Reading (*read)(const ValueCounts&), std::string (*show)(double)) {
  NumberCheck::Measure measure;
  measure.name = expectation.subject->name;
  measure.show = show;
  measure.need = [expectation](states::Plan& plan, const std::optional<table::Expression>& where) -> Result<std::vector<int>> {
    ASSIGN_OR_RETURN(const int state, need_frequencies(plan, expectation, where));
    return std::vector<int>{state};
  };
  measure.read = [read](const states::Answers& answers, std::span<const int> states, const table::Schema&) {
    const auto& counts = answers.get<ValueCounts>(states[0]);
    if (counts.count() == 0) return Reading{{}, 0, "0 present values, nothing to count", {}};
    return read(counts);
  };
  return make_number_check(expectation, std::move(measure));
}

Reading read_mode_share(const ValueCounts& counts) {
  const auto most = counts.by_count(1);
  return {static_cast<double>(most[0].count) / static_cast<double>(counts.count()), counts.count(), {}, fmt::format(", '{}'", shorten(most[0].value, 40))};
}

Reading read_balance(const ValueCounts& counts) {
  const auto all = counts.by_count();
  return {static_cast<double>(all.back().count) / static_cast<double>(all.front().count), counts.count(), {},
          fmt::format(", '{}' ({}) to '{}' ({})", shorten(all.back().value, 40), with_thousands(all.back().count), shorten(all.front().value, 40), with_thousands(all.front().count))};
}

/// -sum p log p, in nats.
Reading read_entropy(const ValueCounts& counts) {
  const auto total = static_cast<double>(counts.count());
  double sum = 0;
  double lost = 0;  // Kahan: many rare values
  for (const std::int64_t count : counts.counts()) {
    const double p = static_cast<double>(count) / total;
    const double term = -p * std::log(p) - lost;
    const double next = sum + term;
    lost = (next - sum) - term;
    sum = next;
  }
  return {std::max(0.0, sum), counts.count(), {}, fmt::format(" with {} values", with_thousands(counts.distinct()))};
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
    ASSIGN_OR_RETURN(state_, need_frequencies(*planning.current, expectation_, planning.where));
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& counts = facts.current->get<ValueCounts>(state_);
    outcome.rows_tested = counts.count();
    if (counts.count() == 0) return outcome.cannot(fmt::format("0 present values{}, nothing to count", where_words(outcome)));
    const auto all = counts.by_count();
    const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(first_, counts.distinct()));
    std::size_t end = wanted;
    while (end < all.size() && all[end].count == all[wanted - 1].count) ++end;
    // The places without doubt must all be accepted; of those that tie for the last ones, as many as are left.
    std::size_t accepted = 0;
    Json observed = Json::array();
    std::string shown;
    for (std::size_t i = 0; i < end; ++i) {
      const bool fits = accepts(all[i].value);
      if (all[i].count > all[wanted - 1].count && !fits) accepted = 0, end = i + 1;
      accepted += fits ? 1 : 0;
      observed.push_back(all[i].value);
      if (i < 8) shown += fmt::format("{}'{}' ({})", i == 0 ? "" : ", ", shorten(all[i].value, 40), percent_text(static_cast<double>(all[i].count) / static_cast<double>(counts.count())));
    }
    outcome.observed = first_ == 1 && observed.size() == 1 ? observed[0] : observed;
    outcome.pass_if(accepted >= wanted);
    outcome.message = fmt::format("most common {} over {} rows, expected {}", shown, with_thousands(counts.count()), expectation_.predicate->words());
  }

 private:
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
