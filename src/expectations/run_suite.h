#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "expectations/other_table.h"
#include "states/state.h"
#include "suite/suite.h"
#include "suite/verdict.h"
#include "table/batch.h"
#include "table/row_sample.h"

namespace cupel::expectations {

struct RunOptions {
  table::ScanOptions scan{};                 ///< its sample is of the data; the reference is read as a whole
  std::optional<table::Expression> where{};  ///< rows of the data (and of the reference) that the whole suite is about
  std::uint64_t seed = 0;
  /// Memory of one state beyond which it becomes a sketch, where it can; what the sketch cannot decide is decided by further scans.
  std::int64_t state_bytes = states::k_state_bytes;
  std::optional<std::int64_t> now_micros{};  ///< `--now`, or `as_of` of the suite; the clock if nothing is stated
  std::vector<std::string> key{};  ///< columns whose values go with the examples
  OtherTables::Open open_table{};  ///< how tables beside the data are opened; empty: expectations that need one cannot be judged
};

/// Runs a suite over a source in one fused scan (and one over the reference, and one over each other table, if an expectation asks for it). Suite mistakes that only the
/// subjects can see and unreadable data are errors; what a single expectation cannot do with this data (unknown column, zero rows, text where
/// numbers are needed) is its verdict `error`, and all others are still judged.
Result<suite::Report> run_suite(const suite::Suite& suite, table::BatchSource& data, table::BatchSource* reference, const RunOptions& options);

/// One outcome an expectation (with `by`: one a group), in order, and the rows that were scanned.
struct Judged {
  std::vector<suite::Outcome> outcomes;
  std::int64_t num_rows = 0;
  std::int64_t num_reference_rows = 0;
  std::vector<std::int64_t> rows_before;  ///< of the data: rows before each chunk
  std::vector<std::string> notes;         ///< for Report::notes
};

/// The same for expectations that do not come from a file.
Result<Judged> judge_all(std::span<const suite::Expectation> expectations, table::BatchSource& data, table::BatchSource* reference,
                         const RunOptions& options);

/// `as_of: 2026-11-20` at the top of the suite, in microseconds; nothing where it is not stated.
Result<std::optional<std::int64_t>> read_as_of(const suite::Suite& suite);

/// Does some expectation of the suite look at reference data?
bool wants_reference(const suite::Suite& suite);

}  // namespace cupel::expectations
