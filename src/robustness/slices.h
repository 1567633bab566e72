#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/table.h"

namespace cupel::robustness {

/// A segment that a worst-slice search looks at.
struct Slice {
  std::string words;               ///< "Department Name = 'Trend'", "Age in [18, 34]", "Title is null"
  std::vector<std::int64_t> rows;  ///< positions, ascending
  std::vector<std::string> columns;
};

struct SliceRules {
  int depth = 1;            ///< 2: also pairs of conditions on two columns
  double min_share = 0.05;  ///< of the rows; smaller slices are counted, not tested
  std::int64_t min_rows = 20;
};

struct Slices {
  std::vector<Slice> slices;  ///< in order of columns, then values
  std::int64_t too_small = 0;
};

/// Every value of a column of text or booleans, every quarter (by rank) of a column of numbers or times, and its nulls. What belongs
/// to a slice is decided by the columns alone, never by how the model did there. `rows` are the positions to cut up.
Slices make_slices(const table::Table& table, std::span<const std::string> columns, std::span<const std::int64_t> rows,
                   const SliceRules& rules);

}  // namespace cupel::robustness
