#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/batch.h"
#include "table/table.h"

namespace cupel::source {

/// Writes a table row by row group into a scratch file beside the target; `finish` renames it. Nothing half-written stays behind when the
/// writer dies without `finish` or an error occurs.
///
///     ASSIGN_OR_RETURN(auto writer, RowWriter::open("bad.csv", schema));
///     TRY(writer->append(columns, num_rows));   // as often as wanted; one column for each field, types as in the schema
///     TRY(writer->finish());
///
/// CSV (any name that does not end in `.parquet`; `-` is standard output): a header line, commas, LF; a field is quoted when it holds a
/// comma, a quote or a line break, begins or ends with a space, or is an empty text; null is an empty field (in a table of one column a
/// quoted one, since blank lines at the end do not count). Numbers are the shortest text that reads back as the same double, timestamps
/// ISO 8601.
/// Parquet (`.parquet`): zstd, text as UTF-8, timestamps in microseconds UTC.
class RowWriter {
 public:
  static Result<std::unique_ptr<RowWriter>> open(const std::string& path, const table::Schema& schema);
  virtual ~RowWriter() = default;
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;

  /// All rows of the columns.
  virtual Result<void> append(std::span<const table::Column> columns, std::int64_t num_rows) = 0;
  /// The rows at these positions, in this order.
  virtual Result<void> append_rows(std::span<const table::Column> columns, std::span<const std::int64_t> rows) = 0;
  /// Completes the file under its name. Call once, last.
  virtual Result<void> finish() = 0;

 protected:
  RowWriter() = default;
};

/// The whole table in one call.
Result<void> write_table(const std::string& path, const table::Table& table);

/// One CSV field as a RowWriter writes it: quoted when needed.
void append_csv_field(std::string& out, std::string_view text);

}  // namespace cupel::source
