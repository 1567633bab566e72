#include "base/text.h"
#include "expectations/number_check.h"
#include "expectations/subjects_internal.h"
#include "states/quantiles.h"

namespace cupel::expectations {
namespace {

Result<std::unique_ptr<DataCheck>> make_interquartile_range(const suite::Expectation& expectation) {
  NumberCheck::Measure measure;
  measure.name = expectation.subject->name;
  measure.need = [expectation](states::Plan& plan, const std::optional<table::Expression>& where) -> Result<std::vector<int>> {
    ASSIGN_OR_RETURN(const auto column, request_column(plan.schema(), expectation.arguments[0], expectation.subject_node, table::ColumnRequest::As::native));
    return std::vector<int>{plan.need("quantiles", {column}, where, [](std::span<const int> slots) { return std::make_unique<states::Quantiles>(slots[0]); })};
  };
  measure.read = [expectation](const states::Answers& answers, std::span<const int> states, const table::Schema& schema) {
    std::string problem = why_not_numeric(schema, *schema.find(expectation.arguments[0]), expectation.subject_node);
    if (!problem.empty()) return Reading{{}, 0, std::move(problem), {}};
    const auto& values = answers.get<states::Quantiles>(states[0]);
    const auto low = values.quantile(0.25);
    const auto high = values.quantile(0.75);
    if (!low || !high) return Reading{{}, 0, "0 present values", {}};
    std::string bound;
    if (!low->is_exact() || !high->is_exact()) bound = fmt::format(" (from a sketch: {} to {})", number_text(high->low - low->high), number_text(high->high - low->low));
    return Reading{high->value - low->value, values.count(), {}, std::move(bound)};
  };
  return make_number_check(expectation, std::move(measure));
}

}  // namespace

const DataSubject k_interquartile_range_subject = {{"interquartile_range", "upper less lower quartile (quantiles as of `quantile`)", suite::Argument::column, k_number_predicates}, make_interquartile_range};

}  // namespace cupel::expectations
