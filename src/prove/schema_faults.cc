// Columns that go, move or change their name or type.

#include <algorithm>

#include "base/text.h"
#include "prove/column_changes_internal.h"
#include "prove/faults_internal.h"

namespace cupel::prove {
namespace {

using table::Table;
using table::Type;

Table from_columns(const Table& rows, const std::vector<int>& order, int renamed = -1) {
  table::Schema schema;
  std::vector<table::ColumnBuilder> columns;
  const std::vector<std::int64_t> every = all_rows(rows.num_rows());
  for (const int field : order) {
    schema.fields.push_back(rows.schema().fields[static_cast<std::size_t>(field)]);
    if (field == renamed) schema.fields.back().name += "_new";
    columns.push_back(gather(rows.column(field), every));
  }
  return Table(std::move(schema), std::move(columns));
}

std::vector<int> field_numbers(const Table& rows) {
  std::vector<int> order;
  for (int i = 0; i < static_cast<int>(rows.schema().fields.size()); ++i) order.push_back(i);
  return order;
}

Table lose_column(FaultInput& input) {
  std::vector<int> order = field_numbers(input.rows);
  order.erase(order.begin() + input.target.field);
  return from_columns(input.rows, order);
}
Table rename_column(FaultInput& input) { return from_columns(input.rows, field_numbers(input.rows), input.target.field); }

Table reorder_columns(FaultInput& input) {
  std::vector<int> order = field_numbers(input.rows);
  if (order.size() < 2) return input.rows;
  std::rotate(order.begin(), order.begin() + 1, order.end());
  return from_columns(input.rows, order);
}

/// 12.5 as 12,5 and 12 as 12,0: a decimal comma makes text of a number.
Table to_text(FaultInput& input) {
  const table::Column column = input.column();
  const std::vector<std::int64_t> present = present_rows(column);
  const std::vector<std::int64_t> hit = input.severity.share > 0 ? choose_share(input.random, present, input.severity.share) : choose(input.random, present, 1);
  if (hit.empty()) return input.rows;
  const auto with_comma = [&](std::int64_t row) -> NewText {
    const std::string text = table::value_text(column, row);
    return text.find('.') == std::string::npos ? text + ",0" : replace_all(text, ".", ",");
  };
  return with_target(input, change_texts(column, hit, with_comma));
}

bool is_one_of_several(const BaselineFacts& baseline, FaultTarget) { return baseline.columns.size() >= 2; }
bool always(const BaselineFacts&, FaultTarget) { return true; }

constexpr FaultSeverity k_gone[] = {{"the whole column", 1}};
constexpr FaultSeverity k_moved[] = {{"the first column last", 1}};
constexpr FaultSeverity k_texts[] = {{"one value", 0}, {"1 % of the values", 0.01}, {"every value", 1}};

}  // namespace

const Fault k_column_missing_fault = {.name = "column_missing", .summary = "a column is not there", .group = "schema", .applies_to = "every column of several",
                                .applies = is_one_of_several, .severities = k_gone, .apply = lose_column};
const Fault k_column_renamed_fault = {.name = "column_renamed", .summary = "a column under a new name", .group = "schema", .applies_to = "every column", .applies = always,
                                .severities = k_gone, .apply = rename_column};
const Fault k_columns_reordered_fault = {.name = "columns_reordered", .summary = "the columns in another order", .group = "schema", .applies_to = "the columns of the table",
                                   .scope = Scope::table, .keeps = Keeps::distribution, .severities = k_moved, .apply = reorder_columns};
const Fault k_type_change_fault = {.name = "type_change", .summary = "numbers with a decimal comma: the column becomes text", .group = "schema",
                             .applies_to = "columns of numbers", .applies = applies_to_numbers, .severities = k_texts, .apply = to_text};

}  // namespace cupel::prove
