#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "table/batch.h"

namespace cupel::source {

/// Rows that could not be read and are not among those of the batches.
struct BadRows {
  struct Row {
    std::int64_t line = 0;    ///< of its beginning in the file, from 1
    std::int64_t before = 0;  ///< rows of the table that stand before it
    std::string text;         ///< as written, cut to k_text_bytes
    std::string reason;       ///< "the row has 3 fields, expected 11"
  };
  static constexpr std::size_t k_text_bytes = 1000;
  static constexpr std::size_t k_listed = 10'000;
  std::int64_t count = 0;
  std::vector<Row> rows;  ///< in order, the first k_listed
};

/// A source that may have been asked to report bad rows instead of refusing the table.
class TellsBadRows {
 public:
  virtual ~TellsBadRows() = default;
  /// Of the last scan; null: it was not asked to.
  virtual const BadRows* bad_rows() const = 0;
  /// Scans from now on show every bad row with its whole text, in order, on the merging thread, before the chunk that it stands in is merged;
  /// those of a scan that begins anew come again. An empty function ends it.
  virtual void show_bad_rows(std::function<void(const BadRows::Row& row)> show) = 0;
};

/// Those of any source; null where it reports none.
inline const BadRows* bad_rows_of(const table::BatchSource& source) {
  const auto* tells = dynamic_cast<const TellsBadRows*>(&source);
  return tells == nullptr ? nullptr : tells->bad_rows();
}

}  // namespace cupel::source
