#pragma once

#include <optional>
#include <string>
#include <vector>

#include "source/bad_rows.h"
#include "source/csv_chunks.h"
#include "source/csv_columns.h"
#include "source/csv_dialect.h"
#include "table/batch.h"

namespace cupel::source {

/// One pass over the rows of a CSV text, with the types that are known so far.
struct CsvPass {
  CsvBody body;
  /// Bad rows are left out and reported; otherwise the first is a fault.
  bool reports_bad_rows = false;
  /// Lines before the first row; only for bad rows.
  std::int64_t lines_before = 0;
  /// Called with each bad row and its whole text, in order; may be empty.
  std::function<void(const BadRows::Row& row)> show_bad_row;
  /// Their names are for the reasons of bad rows.
  const table::Schema* schema = nullptr;
  /// The columns to read, each once, and which of them each column of a batch is.
  std::vector<CsvColumn> columns;
  std::vector<int> column_of_request;
  /// For progress; 0: unknown.
  std::size_t total_bytes = 0;
  /// Called with a part of the text that no chunk needs any more.
  std::function<void(std::string_view part)> release;
};

/// Something that ends the pass. The first in row order is kept.
struct CsvFault {
  /// mistake: of the bytes or of a row, told by `mistake`; bad_value: of a column whose type is stated; stray_quote: quotes are to be read
  /// leniently; unreadable: the stream's own error.
  enum class Kind { mistake, bad_value, stray_quote, unreadable };
  Kind kind = Kind::mistake;
  std::size_t at = 0;    ///< offset into the text; of the row for a ragged row and bad_value
  CsvMistake mistake{};
  int column = 0;        ///< bad_value: index into CsvPass::columns
  std::string value{};   ///< bad_value
  std::optional<Error> error{};  ///< unreadable
};

struct CsvPassResult {
  std::int64_t num_rows = 0;
  std::optional<CsvFault> fault;
  /// For each column what did not fit its type; rows count from the first of the text.
  std::vector<Misfits> misfits;
  BadRows bad_rows{};
  /// A column's type must widen: the visitor's content is worth nothing.
  bool widened = false;
};

/// Would these misfits change the type of the column?
bool widens(const CsvColumn& column, const Misfits& misfits);

/// Shows all rows to the visitor. After a misfit that widens a type the rest of the pass only looks at kinds, so that one more pass is
/// enough; it ends early when no type can widen further.
CsvPassResult run_csv_pass(const CsvPass& pass, table::ChunkVisitor& visitor, const table::ScanOptions& options);

}  // namespace cupel::source
