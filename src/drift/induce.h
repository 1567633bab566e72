#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "table/table.h"

namespace cupel::drift {

/// A drift of known size, put into data on purpose to see whether it is found.
struct Induced {
  table::Table table;
  std::string column;
  std::string change;  ///< as it was asked for
  std::int64_t rows_changed = 0;
  double share_changed = 0;  ///< of all rows
};

/// `COLUMN:CHANGE` or `COLUMN:CHANGE:SHARE%`, where CHANGE is
///   `+5`, `-5`, `*1.1`   added to or multiplied with numbers
///   `null`               the value is taken away
///   `Tops->Dresses`      rows of one value get another
///   `word=refund`        a text gets this word at its end
/// SHARE is of the rows that the change applies to (all, unless stated); which ones is decided by (seed, column, row). Errors: an unknown
/// column (nearest named), a change that is not understood or does not fit the column's type, no row that it applies to.
Result<Induced> induce(const table::Table& table, std::string_view text, std::uint64_t seed);

}  // namespace cupel::drift
