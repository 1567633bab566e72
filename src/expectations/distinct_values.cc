#include <algorithm>
#include <set>
#include <unordered_set>

#include "base/text.h"
#include "expectations/subjects_internal.h"
#include "states/value_counts.h"

namespace cupel::expectations {
namespace {

using As = table::ColumnRequest::As;
using states::ValueCounts;

/// The set of values that occur, against a list or against those of the reference.
class DistinctValuesCheck : public DataCheck {
 public:
  explicit DistinctValuesCheck(const suite::Expectation& expectation) : expectation_(expectation) {}

  Result<void> plan(const Planning& planning) override {
    const auto make = [](std::span<const int> slots) { return std::make_unique<ValueCounts>(slots[0]); };
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, As::native));
    state_ = planning.current->need("value_counts", {column}, planning.where, make);
    if (!same_as_reference()) return {};
    ASSIGN_OR_RETURN(const auto other, planning.reference_column(expectation_.arguments[0], expectation_.predicate->node, As::native));
    if (planning.where) TRY(planning.where->bind(planning.reference->schema()));
    reference_ = planning.reference->need("value_counts", {other}, planning.where, make);
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& counts = facts.current->get<ValueCounts>(state_);
    outcome.rows_tested = counts.count();
    if (counts.count() == 0) return outcome.cannot(fmt::format("0 present values{}, nothing to compare", where_words(outcome)));
    std::vector<std::string> listed;
    if (same_as_reference()) {
      for (const auto& entry : facts.reference->get<ValueCounts>(reference_).by_count()) listed.push_back(entry.value);
      if (listed.empty()) return outcome.cannot("0 present values in the reference");
    } else {
      for (const suite::Limit& limit : expectation_.predicate->limits) listed.push_back(limit.text);
    }
    const Compared compared = compare(counts, listed);
    const std::string_view name = expectation_.predicate->name();
    const bool no_other = name == "equals" || name == "in" || same_as_reference();
    const bool all_there = name == "equals" || name == "include" || same_as_reference();
    const bool none_there = name == "not_in";
    std::vector<std::string> problems;
    if (all_there && !compared.missing.empty()) problems.push_back(named("missing", compared.missing));
    if (no_other && !compared.others.empty()) problems.push_back(named("not expected", compared.others));
    if (none_there && !compared.found.empty()) problems.push_back(named("not expected", compared.found));
    outcome.observed = counts.distinct();
    outcome.pass_if(problems.empty());
    outcome.message = fmt::format("{} distinct values", with_thousands(counts.distinct()));
    for (const std::string& problem : problems) outcome.message += "; " + problem;
    outcome.message += fmt::format("; expected {}", same_as_reference() ? std::string("those of the reference") : expectation_.predicate->words());
  }

 private:
  bool same_as_reference() const { return expectation_.predicate->name() == "same_as"; }

  struct Compared {
    std::vector<std::string> found;
    std::vector<std::string> missing;
    std::vector<std::string> others;  ///< values that are not listed
  };

  static Compared compare(const ValueCounts& counts, const std::vector<std::string>& listed) {
    Compared compared;
    std::unordered_set<std::string> texts(listed.begin(), listed.end());
    std::set<double> numbers;
    for (const std::string& value : listed) {
      (counts.count_of(value) > 0 ? compared.found : compared.missing).push_back(value);
      if (const auto number = parse_number(value)) numbers.insert(*number);
    }
    for (const auto& entry : counts.by_count()) {
      if (texts.contains(entry.value)) continue;
      const auto number = parse_number(entry.value);
      if (number && numbers.contains(*number) && counts.count_of(number_spelling(*number)) == entry.count) continue;
      compared.others.push_back(entry.value);
    }
    return compared;
  }
  static std::string number_spelling(double number) { return exact_text(number); }

  static std::string named(std::string_view what, const std::vector<std::string>& values) {
    constexpr std::size_t k_shown = 5;
    std::string text = fmt::format("{}", what);
    for (std::size_t i = 0; i < values.size() && i < k_shown; ++i) text += fmt::format("{} '{}'", i == 0 ? "" : ",", shorten(values[i], 40));
    if (values.size() > k_shown) text += fmt::format(", … ({} in all)", values.size());
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
