#pragma once

#include <memory>

#include "table/table.h"

namespace cupel::table {

/// What is known beforehand of one column in a part of a table. Each of these may be wider than the truth, never narrower; the defaults
/// know nothing.
struct ColumnBounds {
  bool may_be_null = true;
  bool may_have_value = true;
  /// Two rows of the column's type, both present: nothing that is present is below the first or above the second (text bytewise), except
  /// NaN, which may always be among numbers. Null pointer: not known.
  std::shared_ptr<const ColumnBuilder> range{};

  static ColumnBounds all_null() { return {true, false, nullptr}; }
};

}  // namespace cupel::table
