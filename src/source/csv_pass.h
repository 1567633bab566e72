#pragma once

#include <optional>
#include <string>
#include <vector>

#include "source/csv_chunks.h"
#include "source/csv_columns.h"
#include "table/batch.h"

namespace cupel::source {

/// One pass over the rows of a CSV text, with the types that are known so far.
struct CsvPass {
  CsvBody body;
  const NullWords* nulls = nullptr;
  /// The columns to read, each once, and which of them each column of a batch is.
  std::vector<CsvColumn> columns;
  std::vector<int> column_of_request;
  /// Called with a part of the text that no chunk needs any more.
  std::function<void(std::string_view part)> release;
};

/// Something that ends the pass. The first in row order is kept.
struct CsvFault {
  enum class Kind { not_utf8, nul, unclosed_quote, text_after_quote, too_long, ragged, bad_value, stray_quote };
  Kind kind = Kind::ragged;
  std::size_t at = 0;    ///< offset into the text; of the row for ragged and bad_value
  int column = 0;        ///< bad_value: index into CsvPass::columns
  std::string value{};   ///< bad_value
};

struct CsvPassResult {
  std::int64_t num_rows = 0;
  std::optional<CsvFault> fault;
  /// For each column what did not fit its type; rows count from the first of the text.
  std::vector<Misfits> misfits;
  /// A column's type must widen: the visitor's content is worth nothing.
  bool widened = false;
};

/// Would these misfits change the type of the column?
bool widens(const CsvColumn& column, const Misfits& misfits);

/// Shows all rows to the visitor. After a misfit that widens a type the rest of the pass only looks at kinds, so that one more pass is
/// enough; it ends early when no type can widen further.
CsvPassResult run_csv_pass(const CsvPass& pass, table::ChunkVisitor& visitor, const table::ScanOptions& options);

}  // namespace cupel::source
