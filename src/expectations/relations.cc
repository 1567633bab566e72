// Two columns beside each other: correlation of numbers, association of categories.

#include <algorithm>

#include "base/memory_budget.h"
#include "base/text.h"
#include "expectations/number_check.h"
#include "expectations/subjects_internal.h"
#include "states/co_moments.h"
#include "states/contingency.h"
#include "states/number_pairs.h"
#include "stats/association.h"
#include "stats/correlation.h"

namespace cupel::expectations {
namespace {

using As = table::ColumnRequest::As;

template <typename Measure>
struct RelationMethod {
  std::string_view name;
  Measure measure;
};

using OfPairs = std::optional<double> (*)(std::span<const double>, std::span<const double>);
// Pearson's comes from the moments, without the pairs.
constexpr RelationMethod<OfPairs> k_correlations[] = {{"kendall", stats::kendall}, {"pearson", nullptr}, {"spearman", stats::spearman}};

using OfCells = std::optional<double> (*)(std::span<const stats::ContingencyCell>);
constexpr RelationMethod<OfCells> k_associations[] = {
    {"cramers_v", stats::cramers_v}, {"mutual_information", stats::mutual_information}, {"predictive_power", stats::predictive_power}, {"theils_u", stats::theils_u}};

/// The method named by `method:`, else the one called `usual`.
template <typename Measure, std::size_t n>
Result<RelationMethod<Measure>> read_method(const suite::Expectation& expectation, const RelationMethod<Measure> (&methods)[n], std::string_view usual) {
  std::string word(usual);
  const yaml::Node* node = expectation.parameter("method");
  if (node != nullptr) {
    ASSIGN_OR_RETURN(word, node->text("'method'"));
  }
  std::vector<std::string> known;
  for (const auto& method : methods) {
    if (method.name == word) return method;
    known.emplace_back(method.name);
  }
  return node->fail_here(fmt::format("unknown method '{}'{}", shorten(word, 40), nearest_note(word, known)));
}

Result<void> want_two(const suite::Expectation& expectation, std::string_view form) {
  if (expectation.arguments.size() == 2) return {};
  return expectation.subject_node.fail_here(fmt::format("'{}' has {} columns, expected two: {}", expectation.subject->name, expectation.arguments.size(), form));
}

Result<std::unique_ptr<DataCheck>> make_correlation(const suite::Expectation& expectation) {
  TRY(want_two(expectation, "[A, B]"));
  ASSIGN_OR_RETURN(const auto method, read_method(expectation, k_correlations, "pearson"));
  NumberCheck::Measure measure;
  measure.name = expectation.subject->name;
  measure.need = [expectation, method](states::Plan& plan, const Planning& planning) -> Result<std::vector<int>> {
    const std::optional<table::Expression>& where = planning.where;
    ASSIGN_OR_RETURN(const auto columns, request_columns(plan.schema(), expectation, As::native));
    if (method.measure == nullptr) {
      return std::vector<int>{plan.need("co_moments", columns, where, [](std::span<const int> slots) { return std::make_unique<states::CoMoments>(slots[0], slots[1]); })};
    }
    return std::vector<int>{plan.need("number_pairs", columns, where, [](std::span<const int> slots) { return std::make_unique<states::NumberPairs>(slots[0], slots[1]); })};
  };
  measure.read = [expectation, method](const states::Answers& answers, std::span<const int> states, const table::Schema& schema) {
    for (const std::string& name : expectation.arguments) {
      std::string problem = why_not_numeric(schema, *schema.find(name), expectation.subject_node);
      if (!problem.empty()) return Reading{{}, 0, std::move(problem), {}};
    }
    std::optional<double> value;
    std::int64_t count = 0;
    if (method.measure == nullptr) {
      const auto& moments = answers.get<states::CoMoments>(states[0]);
      value = moments.correlation();
      count = moments.count();
    } else {
      const auto& pairs = answers.get<states::NumberPairs>(states[0]);
      // Ranks take twice as much again.
      if (pairs.given_up() || !MemoryBudget::of_process().has_room_for(pairs.count() * 40)) {
        return Reading{{}, pairs.count(), fmt::format("the ranks of so many rows do not fit the memory budget of {} MiB (--memory SIZE states it; pearson needs none)", MemoryBudget::of_process().limit() >> 20), {}};
      }
      value = method.measure(pairs.x(), pairs.y());
      count = pairs.count();
    }
    if (!value) return Reading{{}, count, fmt::format("{} of {} rows is not defined: fewer than 2 pairs, or no spread", method.name, with_thousands(count)), {}};
    return Reading{value, count, {}, fmt::format(" ({})", method.name)};
  };
  return make_number_check(expectation, std::move(measure));
}

std::vector<stats::ContingencyCell> cells_of(const states::Contingency& table) {
  std::vector<stats::ContingencyCell> cells;
  for (const auto& cell : table.cells()) cells.push_back({cell.a, cell.b, cell.count});
  return cells;
}

Result<std::unique_ptr<DataCheck>> make_association(const suite::Expectation& expectation) {
  TRY(want_two(expectation, "[what is known, what is to be told]"));
  ASSIGN_OR_RETURN(const auto method, read_method(expectation, k_associations, "cramers_v"));
  NumberCheck::Measure measure;
  measure.name = expectation.subject->name;
  measure.need = [expectation](states::Plan& plan, const Planning& planning) -> Result<std::vector<int>> {
    const std::optional<table::Expression>& where = planning.where;
    ASSIGN_OR_RETURN(const auto columns, request_columns(plan.schema(), expectation, As::native));
    return std::vector<int>{plan.need("contingency", columns, where, [](std::span<const int> slots) { return std::make_unique<states::Contingency>(slots[0], slots[1]); })};
  };
  measure.read = [method](const states::Answers& answers, std::span<const int> states, const table::Schema&) {
    const auto& keys = answers.get<states::Contingency>(states[0]);
    if (keys.overflowed()) return Reading{{}, keys.count(), fmt::format("more than {} different pairs of values, too many to be categories", with_thousands(states::Contingency::k_most_cells)), {}};
    const auto value = method.measure(cells_of(keys));
    if (!value) return Reading{{}, keys.count(), fmt::format("{} of {} rows is not defined: no rows, or a column that does not vary", method.name, with_thousands(keys.count())), {}};
    return Reading{value, keys.count(), {}, fmt::format(" ({})", method.name)};
  };
  return make_number_check(expectation, std::move(measure));
}

}  // namespace

const DataSubject k_association_subject = {{"association", "how much one column of categories tells of another, by Cramér's V or another measure", suite::Argument::columns, k_number_predicates, {"method"}}, make_association};
const DataSubject k_correlation_subject = {{"correlation", "correlation of two columns of numbers: Pearson, Spearman or Kendall", suite::Argument::columns, k_number_predicates, {"method"}}, make_correlation};

}  // namespace cupel::expectations
