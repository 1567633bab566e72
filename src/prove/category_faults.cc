// Categories that come, go, merge or change their name, and distributions that move.

#include <algorithm>

#include "base/text.h"
#include "prove/column_changes_internal.h"
#include "prove/faults_internal.h"

namespace cupel::prove {
namespace {

using table::Table;
using table::Type;

/// Which category a severity means: 0 the most frequent, 1 the second, …; -1 the rarest.
const std::string& category_at(const ColumnFacts& facts, double amount) {
  const auto last = facts.categories.size() - 1;
  return facts.categories[amount < 0 ? last : std::min(last, static_cast<std::size_t>(amount))];
}

std::vector<std::int64_t> rows_of_value(const table::Column& column, std::string_view value) {
  std::vector<std::int64_t> rows;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (!column.is_null(row) && table::value_text(column, row) == value) rows.push_back(row);
  }
  return rows;
}

/// The hit rows get the value that this text means in the column's type.
table::ColumnBuilder set_value(const table::Column& column, const std::vector<std::int64_t>& hit, const std::string& value) {
  if (column.type == Type::text) return change_texts(column, hit, [&](std::int64_t) -> NewText { return value; });
  table::ColumnBuilder out(column.type);
  const std::int64_t fresh = column.type == Type::boolean ? (value == "true" ? 1 : 0) : parse_integer(value).value_or(0);
  std::size_t next = 0;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (next < hit.size() && hit[next] == row) {
      out.append(fresh);
      ++next;
    } else {
      out.append_from(column, row);
    }
  }
  return out;
}

/// A value that the baseline never had.
std::string unseen(const ColumnFacts& facts, std::string_view like) {
  if (facts.type == Type::integer) return fmt::format("{}", static_cast<std::int64_t>(facts.quantile(100)) + 1);
  std::string name = like.empty() ? "new value" : fmt::format("{} (new)", like);
  while (std::ranges::find(facts.categories, name) != facts.categories.end()) name += "*";
  return name;
}

Table new_category(FaultInput& input) {
  const std::vector<std::int64_t> hit = choose_share(input.random, present_rows(input.column()), input.severity.share);
  return with_target(input, set_value(input.column(), hit, unseen(input.facts(), "")));
}

Table rename_category(FaultInput& input) {
  const std::string& old = category_at(input.facts(), input.severity.amount);
  return with_target(input, set_value(input.column(), rows_of_value(input.column(), old), unseen(input.facts(), old)));
}

Table merge_categories(FaultInput& input) {
  const ColumnFacts& facts = input.facts();
  return with_target(input, set_value(input.column(), rows_of_value(input.column(), category_at(facts, input.severity.amount)), facts.categories.front()));
}

Table lose_category(FaultInput& input) {
  const std::vector<std::int64_t> lost = rows_of_value(input.column(), category_at(input.facts(), input.severity.amount));
  std::vector<std::int64_t> kept;
  std::ranges::set_difference(all_rows(input.rows.num_rows()), lost, std::back_inserter(kept));
  return input.rows.take(kept);
}

Table flip(FaultInput& input) {
  const ColumnFacts& facts = input.facts();
  const table::Column column = input.column();
  const std::vector<std::int64_t> hit = choose_share(input.random, present_rows(column), input.severity.share);
  std::vector<std::int64_t> to_first;
  std::vector<std::int64_t> to_second;
  for (const std::int64_t row : hit) (table::value_text(column, row) == facts.categories[0] ? to_second : to_first).push_back(row);
  const table::ColumnBuilder half = set_value(column, to_first, facts.categories[0]);
  return with_target(input, set_value(half.view(), to_second, facts.categories[1]));
}

/// Categories: the share takes on the most frequent value. Numbers: the share takes on the value of a random row above the median.
Table shift_distribution(FaultInput& input) {
  const ColumnFacts& facts = input.facts();
  const table::Column column = input.column();
  const std::vector<std::int64_t> hit = choose_share(input.random, present_rows(column), input.severity.share);
  if (facts.is_category) return with_target(input, set_value(column, hit, facts.categories.front()));
  std::vector<std::int64_t> above;
  for (const std::int64_t row : present_rows(column)) {
    if (column.as_number(row) > facts.quantile(50)) above.push_back(row);
  }
  std::vector<std::int64_t> source = all_rows(column.num_rows);
  if (!above.empty()) {
    for (const std::int64_t row : hit) source[static_cast<std::size_t>(row)] = above[input.random.below(above.size())];
  }
  return with_target(input, gather(column, source));
}

bool may_gain(const BaselineFacts& baseline, FaultTarget target) { return applies_to_categories(baseline, target) && facts_at(baseline, target).type != Type::boolean; }
bool has_two(const BaselineFacts& baseline, FaultTarget target) { return applies_to_categories(baseline, target) && facts_at(baseline, target).distinct == 2; }
bool has_three(const BaselineFacts& baseline, FaultTarget target) { return may_gain(baseline, target) && facts_at(baseline, target).distinct >= 3; }
bool has_distribution(const BaselineFacts& baseline, FaultTarget target) {
  return applies_to_categories(baseline, target) || (applies_to_numbers(baseline, target) && !facts_at(baseline, target).is_constant());
}

constexpr FaultSeverity k_shares[] = {{"1 % of the values", 0.01}, {"5 % of the values", 0.05}, {"20 % of the values", 0.2}};
constexpr FaultSeverity k_flips[] = {{"1 % of the values", 0.01}, {"10 % of the values", 0.1}, {"every value", 1}};
constexpr FaultSeverity k_which[] = {{"the most frequent", 1, 0}, {"the second", 1, 1}, {"the rarest", 1, -1}};
constexpr FaultSeverity k_into_first[] = {{"the second into the first", 1, 1}, {"the rarest into the first", 1, -1}};
constexpr FaultSeverity k_moved[] = {{"5 % of the values", 0.05}, {"10 % of the values", 0.1}, {"25 % of the values", 0.25}};

}  // namespace

const Fault k_distribution_shift_fault = {.name = "distribution_shift", .summary = "a share of the rows moves to what is common, or to the upper half", .group = "distribution",
                                    .applies_to = "categories and columns of numbers that vary", .applies = has_distribution, .severities = k_moved,
                                    .apply = shift_distribution};
const Fault k_flipped_fault = {.name = "flipped", .summary = "yes and no exchanged", .group = "categories", .applies_to = "columns of two values", .applies = has_two,
                         .severities = k_flips, .apply = flip};
const Fault k_lost_category_fault = {.name = "lost_category", .summary = "all rows of a category missing", .group = "categories", .applies_to = "categories",
                               .applies = applies_to_categories, .severities = k_which, .apply = lose_category};
const Fault k_merged_categories_fault = {.name = "merged_categories", .summary = "a category counted with the most frequent one", .group = "categories",
                                   .applies_to = "categories of at least three values", .applies = has_three, .severities = k_into_first, .apply = merge_categories};
const Fault k_new_category_fault = {.name = "new_category", .summary = "a value that was never seen", .group = "categories", .applies_to = "categories but booleans",
                              .applies = may_gain, .severities = k_shares, .apply = new_category};
const Fault k_renamed_category_fault = {.name = "renamed_category", .summary = "a category under a new name", .group = "categories",
                                  .applies_to = "categories but booleans", .applies = may_gain, .severities = k_which, .apply = rename_category};

}  // namespace cupel::prove
