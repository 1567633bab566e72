#include <cmath>

#include "base/text.h"
#include "expectations/number_check.h"
#include "expectations/subjects_internal.h"
#include "states/moments.h"

namespace cupel::expectations {
namespace {

Result<std::unique_ptr<DataCheck>> make_ratio_of_sums(const suite::Expectation& expectation) {
  if (expectation.arguments.size() != 2) return expectation.subject_node.fail_here(fmt::format("'ratio_of_sums' has {} columns, expected two: [numerator, denominator]", expectation.arguments.size()));
  NumberCheck::Measure measure;
  measure.name = expectation.subject->name;
  measure.need = [expectation](states::Plan& plan, const Planning& planning) -> Result<std::vector<int>> {
    const std::optional<table::Expression>& where = planning.where;
    ASSIGN_OR_RETURN(const auto columns, request_columns(plan.schema(), expectation, table::ColumnRequest::As::native));
    std::vector<int> states;
    for (const auto& column : columns) {
      states.push_back(plan.need("moments", {column}, where, [](std::span<const int> slots) { return std::make_unique<states::Moments>(slots[0]); }));
    }
    return states;
  };
  measure.read = [expectation](const states::Answers& answers, std::span<const int> states, const table::Schema& schema) {
    for (const std::string& name : expectation.arguments) {
      std::string problem = why_not_numeric(schema, *schema.find(name), expectation.subject_node);
      if (!problem.empty()) return Reading{{}, 0, std::move(problem), {}};
    }
    const auto& above = answers.get<states::Moments>(states[0]);
    const auto& below = answers.get<states::Moments>(states[1]);
    const std::int64_t rows = std::min(above.count(), below.count());
    if (rows == 0) return Reading{{}, 0, "0 present values in one of the columns", {}};
    if (below.sum() == 0) return Reading{{}, rows, fmt::format("the sum of '{}' is 0", expectation.arguments[1]), {}};
    return Reading{above.sum() / below.sum(), rows, {}, fmt::format(" ({} to {})", number_text(above.sum()), number_text(below.sum()))};
  };
  return make_number_check(expectation, std::move(measure));
}

}  // namespace

const DataSubject k_ratio_of_sums_subject = {{"ratio_of_sums", "sum of the first column by the sum of the second", suite::Argument::columns, k_number_predicates}, make_ratio_of_sums};

}  // namespace cupel::expectations
