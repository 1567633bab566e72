#pragma once

#include <string>

#include "base/result.h"
#include "suite/verdict.h"
#include "table/batch.h"

namespace cupel::cli {

/// Writes every row that some expectation which did not pass found unexpected: `row` (from 0), `ids` (of the expectations that it breaks,
/// separated by "; "), and all columns as in the source. A second pass over the source; atomic.
Result<void> write_failing_rows(const suite::Report& report, table::BatchSource& source, const std::string& path, const table::ScanOptions& scan);

}  // namespace cupel::cli
