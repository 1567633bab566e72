#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "suite/verdict.h"
#include "table/batch.h"

namespace cupel::expectations {

/// Gives the examples of everything that did not pass their key: the values of `key` in that row, as text, by column. An expectation that
/// knows its rows but no examples (`duplicates`, `nulls`) gets the first of them, with the values of its columns. One more pass over the
/// source, of only the columns wanted; none when nothing failed. `rows_before` is that of the scan before, with the same chunk_bytes.
/// Errors: an unknown key column, with the nearest.
Result<void> add_example_keys(std::span<suite::Outcome> outcomes, std::span<const std::string> key, table::BatchSource& source,
                              std::span<const std::int64_t> rows_before, const table::ScanOptions& scan);

}  // namespace cupel::expectations
