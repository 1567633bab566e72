#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/invariant.h"
#include "states/state.h"
#include "table/column.h"

namespace cupel::states {

/// The nulls among the up to 64 rows from `row` on, as bits, the lowest for `row`. Only for a column with validity.
inline std::uint64_t null_bits(const table::Column& column, std::int64_t row, std::int64_t num_rows) {
  const std::int64_t bit = column.validity_offset + row;
  const std::int64_t count = std::min<std::int64_t>(64, num_rows - row);
  const auto shift = static_cast<unsigned>(bit & 7);
  const auto num_bytes = static_cast<std::size_t>((shift + count + 7) / 8);  // at most nine
  std::uint64_t valid = 0;
  std::memcpy(&valid, column.validity + (bit >> 3), std::min<std::size_t>(8, num_bytes));
  valid >>= shift;
  if (num_bytes > 8) valid |= std::uint64_t{column.validity[(bit >> 3) + 8]} << (64 - shift);
  const std::uint64_t all = count == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
  return ~valid & all;
}

/// Calls `present(row)` or `null(row)` for every kept row in row order. One branch a row falls away where all rows are kept or none is
/// null.
template <typename Present, typename Null>
void for_each_kept(const table::Column& column, std::int64_t num_rows, Selection rows, Present&& present, Null&& null) {
  if (rows.kept == nullptr && column.validity == nullptr) {
    for (std::int64_t row = 0; row < num_rows; ++row) present(row);
    return;
  }
  for (std::int64_t row = 0; row < num_rows; ++row) {
    if (!rows.contains(row)) continue;
    if (column.is_null(row)) {
      null(row);
    } else {
      present(row);
    }
  }
}

inline std::int64_t count_kept(Selection rows, std::int64_t num_rows) {
  if (rows.kept == nullptr) return num_rows;
  std::int64_t count = 0;
  for (std::int64_t row = 0; row < num_rows; ++row) count += rows.kept[row] != 0 ? 1 : 0;
  return count;
}

/// Kept rows that are present.
inline std::int64_t count_present(const table::Column& column, Selection rows, std::int64_t num_rows) {
  std::int64_t count = count_kept(rows, num_rows);
  if (column.validity == nullptr) return count;
  for (std::int64_t row = 0; row < num_rows; row += 64) {
    std::uint64_t nulls = null_bits(column, row, num_rows);
    if (rows.kept == nullptr) {
      count -= std::popcount(nulls);
    } else {
      for (; nulls != 0; nulls &= nulls - 1) count -= rows.kept[row + std::countr_zero(nulls)] != 0 ? 1 : 0;
    }
  }
  return count;
}

/// Calls `null(row)` for every null among the kept rows in row order, 64 rows at a time.
template <typename Null>
void for_each_null(const table::Column& column, std::int64_t num_rows, Selection rows, Null&& null) {
  if (column.validity == nullptr) return;
  for (std::int64_t row = 0; row < num_rows; row += 64) {
    for (std::uint64_t nulls = null_bits(column, row, num_rows); nulls != 0; nulls &= nulls - 1) {
      const std::int64_t at = row + std::countr_zero(nulls);
      if (rows.contains(at)) null(at);
    }
  }
}

/// The argument of merge as the state's own type; anything else is our own bug.
template <typename S>
const S& same_kind(const State& later) {
  const auto* same = dynamic_cast<const S*>(&later);
  CHECK(same != nullptr, "a state of another kind, '{}', to merge", later.format());
  return *same;
}

}  // namespace cupel::states
