#include "drift/levels.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/invariant.h"
#include "table/table.h"

namespace cupel::drift {
namespace {

/// Present values as numbers; absent ones as NaN.
void append_numbers(const table::Column& column, std::vector<double>& out) {
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    out.push_back(column.is_null(row) ? std::nan("") : column.as_number(row));
  }
}

Levels rank_values(const std::vector<double>& all) {
  Levels levels;
  for (const double value : all) {
    if (!std::isnan(value)) levels.values.push_back(value == 0 ? 0.0 : value);  // -0 is 0
  }
  std::ranges::sort(levels.values);
  const auto repeated = std::ranges::unique(levels.values);
  levels.values.erase(repeated.begin(), repeated.end());
  levels.num_levels = static_cast<std::int32_t>(levels.values.size());
  levels.of_row.reserve(all.size());
  for (const double value : all) {
    const auto place = std::ranges::lower_bound(levels.values, value);
    levels.of_row.push_back(std::isnan(value) ? Levels::k_absent : static_cast<std::int32_t>(place - levels.values.begin()));
  }
  return levels;
}

}  // namespace

bool is_missing(const table::Column& column, std::int64_t row) {
  return column.is_null(row) || (column.type == table::Type::number && std::isnan(column.numbers()[row]));
}

Levels ordered_levels(std::span<const double> reference, std::span<const double> current) {
  std::vector<double> all(reference.begin(), reference.end());
  all.insert(all.end(), current.begin(), current.end());
  return rank_values(all);
}

Levels ordered_levels(const table::Column& reference, const table::Column& current) {
  CHECK(reference.type != table::Type::text && current.type != table::Type::text);
  std::vector<double> all;
  all.reserve(static_cast<std::size_t>(reference.num_rows + current.num_rows));
  append_numbers(reference, all);
  append_numbers(current, all);
  return rank_values(all);
}

Levels category_levels(const table::Column& reference, const table::Column& current, const CategoryRules& rules) {
  std::map<std::string, std::int64_t> counts;
  std::vector<std::string> texts;
  std::vector<bool> present;
  for (const table::Column* column : {&reference, &current}) {
    for (std::int64_t row = 0; row < column->num_rows; ++row) {
      present.push_back(!is_missing(*column, row));
      texts.push_back(present.back() ? table::value_text(*column, row) : std::string());
      if (present.back()) ++counts[texts.back()];
    }
  }
  const bool merge_rare = static_cast<std::int64_t>(counts.size()) > rules.max_levels;
  Levels levels;
  std::map<std::string, std::int32_t> level_of;
  std::int32_t rare = Levels::k_absent;
  for (const auto& [value, count] : counts) {
    if (merge_rare && count < rules.rare_below) {
      if (rare == Levels::k_absent) {
        rare = levels.num_levels++;
        levels.names.push_back("(rare)");
      }
      level_of[value] = rare;
    } else {
      level_of[value] = levels.num_levels++;
      levels.names.push_back(value);
    }
  }
  levels.of_row.reserve(texts.size());
  for (std::size_t row = 0; row < texts.size(); ++row) levels.of_row.push_back(present[row] ? level_of[texts[row]] : Levels::k_absent);
  return levels;
}

Levels null_levels(const table::Column& reference, const table::Column& current) {
  Levels levels;
  levels.num_levels = 2;
  levels.names = {"present", "null"};
  for (const table::Column* column : {&reference, &current}) {
    for (std::int64_t row = 0; row < column->num_rows; ++row) levels.of_row.push_back(is_missing(*column, row) ? 1 : 0);
  }
  return levels;
}

LevelCounts count_levels(const Levels& levels, std::int64_t num_reference_rows) {
  LevelCounts counts;
  counts.reference.assign(static_cast<std::size_t>(levels.num_levels), 0);
  counts.current.assign(static_cast<std::size_t>(levels.num_levels), 0);
  for (std::size_t row = 0; row < levels.of_row.size(); ++row) {
    if (levels.of_row[row] == Levels::k_absent) continue;
    const bool is_reference = static_cast<std::int64_t>(row) < num_reference_rows;
    ++(is_reference ? counts.reference : counts.current)[static_cast<std::size_t>(levels.of_row[row])];
    ++(is_reference ? counts.num_reference : counts.num_current);
  }
  return counts;
}

}  // namespace cupel::drift
