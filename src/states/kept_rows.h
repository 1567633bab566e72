#pragma once

#include <cstdint>
#include <cstring>

#include "base/invariant.h"
#include "states/state.h"
#include "table/column.h"

namespace cupel::states {

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

/// The argument of merge as the state's own type; anything else is our own bug.
template <typename S>
const S& same_kind(const State& later) {
  const auto* same = dynamic_cast<const S*>(&later);
  CHECK(same != nullptr, "a state of another kind, '{}', to merge", later.format());
  return *same;
}

}  // namespace cupel::states
