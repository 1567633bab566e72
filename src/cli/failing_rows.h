#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "suite/verdict.h"
#include "table/batch.h"
#include "table/expression.h"

namespace cupel::cli {

/// The id of rows that could not be read.
inline constexpr std::string_view k_readable_rows = "readable rows";

/// Files that take the rows of a checked table; an empty name: not wanted.
struct RowFiles {
  std::string rows;      ///< failing rows: `row` (from 0), `ids` (of the expectations that it breaks, separated by "; "), the key columns, all others
  std::string clean;     ///< rows that break nothing, columns as in the source
  std::string failing;   ///< rows that break something, columns as in the source
  std::vector<std::string> key{};  ///< columns that come first in `rows`
  bool wanted() const { return !rows.empty() || !clean.empty() || !failing.empty(); }
};

/// Rows that went to `clean` and `failing`: together all rows that the check was about. Those that could not be read are in neither.
struct RowsApart {
  std::int64_t clean = 0;
  std::int64_t failing = 0;
  std::int64_t unreadable = 0;
};

/// Writes the files in one more pass over the source, streamed: memory is that of a few chunks. A row fails when an expectation that failed,
/// of any severity, found it unexpected; what `mostly` tolerates is clean. A CSV file takes the fields of a text source as they were
/// written (their quoting aside), a Parquet file has the types of the source. `where` and `scan.sample` are those of the check: other rows
/// are written nowhere. Each file appears whole or not at all.
///
/// Where the source reports bad rows, `rows` has three more columns behind `ids`: `line`, `reason`, `text` (as it stands in the file). All bad
/// rows stand among the failing ones, by place, with the id `readable rows`, without a number and without the columns of the data, whose
/// places and types they do not fit. They are in neither `clean` nor `failing`, which keep the form of the data.
///
/// `scan.chunk_bytes` must be that of the check. Errors: the same file twice, the file of the data itself, what the writers refuse.
Result<RowsApart> write_row_files(const suite::Report& report, table::BatchSource& source, const RowFiles& files,
                                  const std::optional<table::Expression>& where, const table::ScanOptions& scan);

}  // namespace cupel::cli
