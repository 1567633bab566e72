// Values that go missing, or that stand for a missing one.

#include <algorithm>

#include "prove/column_changes_internal.h"
#include "prove/faults_internal.h"

namespace cupel::prove {
namespace {

using table::Table;
using table::Type;

Table without(const FaultInput& input, const std::vector<std::int64_t>& lost) {
  std::vector<std::int64_t> source = all_rows(input.rows.num_rows());
  for (const std::int64_t row : lost) source[static_cast<std::size_t>(row)] = -1;
  return with_target(input, gather(input.column(), source));
}

Table lose_completely_at_random(FaultInput& input) { return without(input, choose_share(input.random, present_rows(input.column()), input.severity.share)); }

/// The rows with the greatest values of `by` among those that have a value to lose; rows without one there count as least.
Table lose_greatest(FaultInput& input, int by) {
  const table::Column target = input.column();
  const table::Column guide = input.rows.column(by);
  std::vector<std::int64_t> order;
  for (std::int64_t row = 0; row < guide.num_rows; ++row) {
    if (guide.is_null(row)) order.push_back(row);
  }
  const std::vector<std::int64_t> valued = rows_by_value(guide);
  order.insert(order.end(), valued.begin(), valued.end());
  std::erase_if(order, [&](std::int64_t row) { return target.is_null(row); });
  const std::int64_t count = share_of(input.severity.share, static_cast<std::int64_t>(order.size()));
  std::vector<std::int64_t> lost(order.end() - count, order.end());
  std::ranges::sort(lost);
  return without(input, lost);
}
Table lose_by_partner(FaultInput& input) { return lose_greatest(input, input.target.partner); }
Table lose_by_itself(FaultInput& input) { return lose_greatest(input, input.target.field); }

Table default_values(FaultInput& input) {
  const std::vector<std::int64_t> hit = choose_share(input.random, present_rows(input.column()), input.severity.share);
  const table::Column column = input.column();
  switch (column.type) {
    case Type::text: {
      const std::string word = input.facts().is_time ? "1970-01-01" : "unknown";
      return with_target(input, change_texts(column, hit, [&](std::int64_t) -> NewText { return word; }));
    }
    case Type::integer:
    case Type::number: return with_target(input, change_numbers(column, hit, [](std::int64_t) -> std::optional<double> { return 0.0; }));
    default: break;
  }
  table::ColumnBuilder out(column.type);
  std::size_t next = 0;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (next < hit.size() && hit[next] == row) {
      out.append(0);
      ++next;
    } else {
      out.append_from(column, row);
    }
  }
  return with_target(input, std::move(out));
}

Table null_words(FaultInput& input) {
  const std::vector<std::int64_t> hit = choose_share(input.random, present_rows(input.column()), input.severity.share);
  return with_target(input, change_texts(input.column(), hit, [](std::int64_t) -> NewText { return "NULL"; }));
}

bool has_other_order(const BaselineFacts& baseline, FaultTarget target) {
  return applies_to_any(baseline, target) && !baseline.columns.at(static_cast<std::size_t>(target.partner)).is_constant();
}
bool varies(const BaselineFacts& baseline, FaultTarget target) { return !facts_at(baseline, target).is_constant(); }

constexpr FaultSeverity k_random_shares[] = {{"1 % of the values", 0.01}, {"5 % of the values", 0.05}, {"20 % of the values", 0.2}, {"every value", 1}};
constexpr FaultSeverity k_ordered_shares[] = {{"5 % of the values", 0.05}, {"20 % of the values", 0.2}};

}  // namespace

const Fault k_default_value_fault = {.name = "default_value", .summary = "values replaced by the default of a form: 0, unknown, 1970-01-01 or false", .group = "nulls",
                               .applies_to = "every column with values", .applies = applies_to_any, .severities = k_random_shares, .apply = default_values};
const Fault k_null_words_fault = {.name = "null_words", .summary = "values replaced by the word NULL", .group = "nulls", .applies_to = "columns of text",
                            .applies = applies_to_text, .severities = k_random_shares, .apply = null_words};
const Fault k_nulls_mar_fault = {.name = "nulls_mar", .summary = "values lost where another column is greatest (missing at random)", .group = "nulls",
                           .applies_to = "every column with values, by the next column that varies", .scope = Scope::pair, .applies = has_other_order,
                           .severities = k_ordered_shares, .apply = lose_by_partner};
const Fault k_nulls_mcar_fault = {.name = "nulls_mcar", .summary = "values lost by chance (missing completely at random)", .group = "nulls",
                            .applies_to = "every column with values", .applies = applies_to_any, .severities = k_random_shares, .apply = lose_completely_at_random};
const Fault k_nulls_mnar_fault = {.name = "nulls_mnar", .summary = "the greatest values lost (missing not at random)", .group = "nulls",
                            .applies_to = "columns that vary", .applies = varies, .severities = k_ordered_shares, .apply = lose_by_itself};

}  // namespace cupel::prove
