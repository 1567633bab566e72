#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "table/column.h"

namespace cupel::drift {

/// One quantity of both samples as levels 0 … num_levels - 1, on which every distance of this room is defined. Rows are numbered
/// reference first; a row of level k_absent does not take part (a null, for most quantities).
struct Levels {
  static constexpr std::int32_t k_absent = -1;
  std::vector<std::int32_t> of_row;
  std::int32_t num_levels = 0;
  std::vector<double> values;      ///< of ordered levels, ascending; empty for categories
  std::vector<std::string> names;  ///< of categories
};

/// Rows of each level on each side.
struct LevelCounts {
  std::vector<std::int64_t> reference;
  std::vector<std::int64_t> current;
  std::int64_t num_reference = 0;
  std::int64_t num_current = 0;
};

/// The distinct values of both samples in ascending order. Nulls and NaN are absent (their share is a quantity of its own); infinities are
/// ordered values. Any type but text; timestamps by their microseconds.
Levels ordered_levels(const table::Column& reference, const table::Column& current);
Levels ordered_levels(std::span<const double> reference, std::span<const double> current);

/// The distinct values as text, in order of value; nulls absent. Values that both samples together show fewer than `rare_below` times
/// become one level "(rare)" when there are more than `max_levels` values: that looks at the pooled rows only, so it favours neither side.
struct CategoryRules {
  std::int64_t max_levels = 200;
  std::int64_t rare_below = 20;
};
Levels category_levels(const table::Column& reference, const table::Column& current, const CategoryRules& rules = {});

/// Level 0: present, level 1: null (or NaN).
Levels null_levels(const table::Column& reference, const table::Column& current);

LevelCounts count_levels(const Levels& levels, std::int64_t num_reference_rows);

/// True for a null row and for a number that is NaN.
bool is_missing(const table::Column& column, std::int64_t row);

}  // namespace cupel::drift
