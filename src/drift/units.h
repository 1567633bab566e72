#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "table/column.h"

namespace cupel::drift {

/// Which rows belong together. Rows of one unit (a product, a customer, a day) resemble each other, so they are one draw and not many:
/// tests shuffle whole units and intervals resample whole units. Rows are numbered reference first: [0, num_reference_rows) and on.
/// A unit that has rows on both sides counts as two, one a side; that can only make a test less ready to find drift.
struct Units {
  std::int64_t num_reference_rows = 0;
  std::int64_t num_rows = 0;
  std::int64_t num_reference_units = 0;
  std::int64_t num_units = 0;
  std::int64_t on_both_sides = 0;         ///< units that were cut in two
  std::vector<std::int32_t> unit_of_row;  ///< empty: every row is its own unit
  bool every_row_alone() const { return unit_of_row.empty(); }
  std::int64_t num_current_units() const { return num_units - num_reference_units; }
};

/// Every row its own unit.
Units rows_as_units(std::int64_t num_reference_rows, std::int64_t num_current_rows);
/// Rows of equal value (as text) are one unit; null rows are one unit each.
Units units_of(const table::Column& reference, const table::Column& current);

}  // namespace cupel::drift
