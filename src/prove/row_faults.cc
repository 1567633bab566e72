// Rows that are missing, repeated, chosen one-sidedly or in another order.

#include <algorithm>

#include "base/text.h"
#include "prove/column_changes_internal.h"
#include "prove/faults_internal.h"

namespace cupel::prove {
namespace {

using table::Table;

Table first_rows(FaultInput& input) {
  std::vector<std::int64_t> rows = all_rows(input.rows.num_rows());
  rows.resize(static_cast<std::size_t>(share_of(input.severity.share, input.rows.num_rows())));
  return input.rows.take(rows);
}

Table last_rows(FaultInput& input) {
  std::vector<std::int64_t> rows = all_rows(input.rows.num_rows());
  rows.erase(rows.begin(), rows.end() - share_of(input.severity.share, input.rows.num_rows()));
  return input.rows.take(rows);
}

/// The last rows come a second time at the end.
Table repeat_last(FaultInput& input) {
  const std::int64_t count = input.rows.num_rows();
  std::vector<std::int64_t> rows = all_rows(count);
  for (std::int64_t row = count - share_of(input.severity.share, count); row < count; ++row) rows.push_back(row);
  return input.rows.take(rows);
}

Table random_rows(FaultInput& input) { return input.rows.take(choose_share(input.random, all_rows(input.rows.num_rows()), input.severity.share)); }

Table reorder(FaultInput& input) {
  std::vector<std::int64_t> rows = all_rows(input.rows.num_rows());
  shuffle(input.random, rows);
  return input.rows.take(rows);
}

/// The rows with the greatest (negative share: least) values of the column are gone; rows without a value stay.
Table drop_by_value(FaultInput& input) {
  std::vector<std::int64_t> order = rows_by_value(input.column());
  if (input.severity.amount < 0) std::ranges::reverse(order);
  const std::int64_t count = share_of(input.severity.share, static_cast<std::int64_t>(order.size()));
  std::vector<std::int64_t> lost(order.end() - count, order.end());
  std::ranges::sort(lost);
  std::vector<std::int64_t> kept;
  std::ranges::set_difference(all_rows(input.rows.num_rows()), lost, std::back_inserter(kept));
  return input.rows.take(kept);
}

/// Only the rows of one value.
Table one_segment(FaultInput& input) {
  const table::Column column = input.column();
  const auto& categories = input.facts().categories;
  const std::string& value = categories[std::min(categories.size() - 1, static_cast<std::size_t>(input.severity.amount))];
  std::vector<std::int64_t> rows;
  for (const std::int64_t row : present_rows(column)) {
    if (table::value_text(column, row) == value) rows.push_back(row);
  }
  return input.rows.take(rows);
}

bool has_order(const BaselineFacts& baseline, FaultTarget target) {
  const ColumnFacts& facts = facts_at(baseline, target);
  return !facts.is_constant() && (facts.is_number || facts.is_time);
}

constexpr FaultSeverity k_remaining[] = {{"90 % of the rows", 0.9}, {"half of the rows", 0.5}, {"10 % of the rows", 0.1}};
constexpr FaultSeverity k_parts[] = {{"half of the rows", 0.5}, {"10 % of the rows", 0.1}};
constexpr FaultSeverity k_repeated[] = {{"the last 1 % again", 0.01}, {"the last 10 % again", 0.1}, {"every row again", 1}};
constexpr FaultSeverity k_dropped[] = {{"the greatest 10 %", 0.1, 1}, {"the greatest 25 %", 0.25, 1}, {"the least 10 %", 0.1, -1}, {"the least 25 %", 0.25, -1}};
constexpr FaultSeverity k_segments[] = {{"the most frequent value alone", 1, 0}, {"the second value alone", 1, 1}};
constexpr FaultSeverity k_all[] = {{"every row", 1}};

}  // namespace

const Fault k_dropped_rows_fault = {.name = "dropped_rows", .summary = "rows lost by a condition on one column", .group = "rows",
                              .applies_to = "columns of numbers or times that vary", .applies = has_order, .severities = k_dropped, .apply = drop_by_value};
const Fault k_duplicated_load_fault = {.name = "duplicated_load", .summary = "rows that were loaded twice", .group = "rows", .applies_to = "the rows of the table",
                                 .scope = Scope::table, .severities = k_repeated, .apply = repeat_last};
const Fault k_last_rows_fault = {.name = "last_rows", .summary = "only the last rows arrived", .group = "rows", .applies_to = "the rows of the table", .scope = Scope::table,
                           .severities = k_parts, .apply = last_rows};
const Fault k_one_segment_fault = {.name = "one_segment", .summary = "only the rows of one category arrived", .group = "rows", .applies_to = "categories",
                             .applies = applies_to_categories, .severities = k_segments, .apply = one_segment};
const Fault k_random_sample_fault = {.name = "random_sample", .summary = "rows missing by chance", .group = "rows", .applies_to = "the rows of the table",
                               .scope = Scope::table, .keeps = Keeps::distribution, .severities = k_parts, .apply = random_rows};
const Fault k_shuffled_rows_fault = {.name = "shuffled_rows", .summary = "the rows in another order", .group = "rows", .applies_to = "the rows of the table",
                               .scope = Scope::table, .keeps = Keeps::distribution, .severities = k_all, .apply = reorder};
const Fault k_truncated_load_fault = {.name = "truncated_load", .summary = "the load broke off: only the first rows arrived", .group = "rows",
                                .applies_to = "the rows of the table", .scope = Scope::table, .severities = k_remaining, .apply = first_rows};

}  // namespace cupel::prove
