#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "states/state.h"
#include "suite/suite.h"
#include "suite/verdict.h"
#include "table/batch.h"

namespace cupel::expectations {

struct RunOptions {
  table::ScanOptions scan{};
  std::optional<table::Expression> where{};  ///< rows of the data (and of the reference) that the whole suite is about
  std::uint64_t seed = 0;
  /// Memory of one state beyond which it becomes a sketch, where it can; what the sketch cannot decide is decided by further scans.
  std::int64_t state_bytes = states::k_state_bytes;
  std::optional<std::int64_t> now_micros{};  ///< `--now`, or `as_of` of the suite; the clock if nothing is stated
};

/// Runs a suite over a source in one fused scan (and one over the reference, if an expectation asks for it). Suite mistakes that only the
/// subjects can see and unreadable data are errors; what a single expectation cannot do with this data (unknown column, zero rows, text where
/// numbers are needed) is its verdict `error`, and all others are still judged.
Result<suite::Report> run_suite(const suite::Suite& suite, table::BatchSource& data, table::BatchSource* reference, const RunOptions& options);

/// One outcome an expectation, in order, and the rows that were scanned.
struct Judged {
  std::vector<suite::Outcome> outcomes;
  std::int64_t num_rows = 0;
  std::int64_t num_reference_rows = 0;
};

/// The same for expectations that do not come from a file.
Result<Judged> judge_all(std::span<const suite::Expectation> expectations, table::BatchSource& data, table::BatchSource* reference,
                         const RunOptions& options);

/// `as_of: 2026-11-20` at the top of the suite, in microseconds; nothing where it is not stated.
Result<std::optional<std::int64_t>> read_as_of(const suite::Suite& suite);

/// Does some expectation of the suite look at reference data?
bool wants_reference(const suite::Suite& suite);

}  // namespace cupel::expectations
