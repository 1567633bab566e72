#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include "base/text.h"
#include "expectations/category_counts.h"
#include "expectations/subjects_internal.h"
#include "states/tally.h"

namespace cupel::expectations {
namespace {

using As = table::ColumnRequest::As;
using states::Tally;

/// The set of values that occur, against a list or against those of the reference.
class DistinctValuesCheck : public DataCheck {
 public:
  explicit DistinctValuesCheck(const suite::Expectation& expectation) : expectation_(expectation) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, As::native));
    state_ = need_tally(*planning.current, column, planning);
    if (!same_as_reference()) return {};
    ASSIGN_OR_RETURN(const auto other, planning.reference_column(expectation_.arguments[0], expectation_.predicate->node, As::native));
    if (planning.where) TRY(planning.where->bind(planning.reference->schema()));
    reference_ = need_tally(*planning.reference, other, planning);
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& counts = facts.current->get<Tally>(state_);
    outcome.rows_tested = counts.count();
    if (counts.count() == 0) return outcome.cannot(fmt::format("0 present values{}, nothing to compare", where_words(outcome)));
    Compared compared;
    if (same_as_reference()) {
      const auto& reference = facts.reference->get<Tally>(reference_);
      if (reference.count() == 0) return outcome.cannot("0 present values in the reference");
      compared = reference.is_in_memory() ? compare(counts, values_of(reference)) : compare_walks(counts, reference);
    } else {
      std::vector<std::string> listed;
      for (const suite::Limit& limit : expectation_.predicate->limits) listed.push_back(limit.text);
      compared = compare(counts, listed);
    }
    const std::string_view name = expectation_.predicate->name();
    const bool no_other = name == "equals" || name == "in" || same_as_reference();
    const bool all_there = name == "equals" || name == "include" || same_as_reference();
    const bool none_there = name == "not_in";
    std::vector<std::string> problems;
    if (all_there && compared.missing.count > 0) problems.push_back(named("missing", compared.missing));
    if (no_other && compared.others.count > 0) problems.push_back(named("not expected", compared.others));
    if (none_there && compared.found.count > 0) problems.push_back(named("not expected", compared.found));
    outcome.observed = compared.distinct;
    outcome.pass_if(problems.empty());
    outcome.message = fmt::format("{} distinct values", with_thousands(compared.distinct));
    for (const std::string& problem : problems) outcome.message += "; " + problem;
    outcome.message += fmt::format("; expected {}", same_as_reference() ? std::string("those of the reference") : expectation_.predicate->words());
  }

 private:
  bool same_as_reference() const { return expectation_.predicate->name() == "same_as"; }

  /// Values of one kind: how many, and the first few.
  struct Found {
    static constexpr std::size_t k_shown = 5;
    std::vector<std::string> first{};
    std::int64_t count = 0;
    template <typename Text>
    void add(Text&& text) {
      if (first.size() < k_shown) first.push_back(text());
      ++count;
    }
  };
  struct Compared {
    Found found;
    Found missing;
    Found others;  ///< values that are not listed
    std::int64_t distinct = 0;
  };

  static std::vector<std::string> values_of(const Tally& tally) {
    std::vector<std::string> values;
    for (const auto& entry : tally.in_memory().by_count()) values.push_back(entry.value);
    return values;
  }

  static Compared compare(const Tally& counts, const std::vector<std::string>& listed) {
    Compared compared;
    compared.distinct = counts.distinct();
    const std::unordered_set<std::string> texts(listed.begin(), listed.end());
    const std::vector<std::int64_t> occurs = counts.counts_of(listed);
    std::map<double, std::int64_t> numbers;  // with their counts
    for (std::size_t i = 0; i < listed.size(); ++i) {
      (occurs[i] > 0 ? compared.found : compared.missing).add([&] { return listed[i]; });
      if (const auto number = parse_number(listed[i])) numbers[*number] = occurs[i];
    }
    const auto is_listed = [&](const std::string& value, std::int64_t count) {
      if (texts.contains(value)) return true;
      const auto number = parse_number(value);
      const auto known = number ? numbers.find(*number) : numbers.end();
      return known != numbers.end() && known->second == count;
    };
    if (counts.is_in_memory()) {
      for (const auto& entry : counts.in_memory().by_count()) {
        if (!is_listed(entry.value, entry.count)) compared.others.add([&] { return entry.value; });
      }
      return compared;
    }
    // Beyond memory: as many as are not listed, and the most frequent of them.
    for (const auto& entry : counts.by_count(static_cast<std::int64_t>(listed.size() + Found::k_shown))) {
      if (!is_listed(entry.value, entry.count)) compared.others.add([&] { return entry.value; });
    }
    std::set<std::string> different;
    for (std::size_t i = 0; i < listed.size(); ++i) {
      const auto number = parse_number(listed[i]);
      if (occurs[i] > 0) different.insert(number ? exact_text(*number) : listed[i]);
    }
    compared.others.count = compared.distinct - static_cast<std::int64_t>(different.size());
    return compared;
  }

  static Compared compare_walks(const Tally& here, const Tally& there) {
    Compared compared;
    auto walk = there.by_digest();
    Tally::Item other;
    bool has_other = walk.next(other);
    const auto missing = [&] {
      compared.missing.add([&] { return there.value_text(other); });
      has_other = walk.next(other);
    };
    here.for_each([&](const Tally::Item& item) {
      ++compared.distinct;
      while (has_other && other.digest < item.digest) missing();
      if (has_other && other.digest == item.digest) {
        ++compared.found.count;
        has_other = walk.next(other);
      } else {
        compared.others.add([&] { return here.value_text(item); });
      }
    });
    while (has_other) missing();
    return compared;
  }

  static std::string named(std::string_view what, const Found& values) {
    std::string text = fmt::format("{}", what);
    for (std::size_t i = 0; i < values.first.size(); ++i) text += fmt::format("{} '{}'", i == 0 ? "" : ",", shorten(values.first[i], 40));
    if (values.count > static_cast<std::int64_t>(values.first.size())) text += fmt::format(", … ({} in all)", values.count);
    return text;
  }

  suite::Expectation expectation_;
  int state_ = -1;
  int reference_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_distinct_values(const suite::Expectation& expectation) {
  const suite::Predicate& predicate = *expectation.predicate;
  if (predicate.name() == "same_as") {
    if (predicate.node.scalar != "reference") return predicate.node.fail_here(fmt::format("'same_as' is {}, expected reference", predicate.node.description()));
    return std::make_unique<DistinctValuesCheck>(expectation);
  }
  if (!predicate.node.is_list()) return predicate.node.fail_here(fmt::format("'{}' is {}, expected a list of values", predicate.name(), predicate.node.description()));
  for (const suite::Limit& limit : predicate.limits) {
    if (limit.kind == suite::Limit::Kind::column || limit.kind == suite::Limit::Kind::reference) return limit.node.fail_here("a value of the list is a mapping, expected a number or text");
  }
  return std::make_unique<DistinctValuesCheck>(expectation);
}

}  // namespace

const DataSubject k_distinct_values_subject = {{"distinct_values", "the set of values that occur", suite::Argument::column, {"equals", "in", "include", "not_in", "same_as"}}, make_distinct_values};

}  // namespace cupel::expectations
