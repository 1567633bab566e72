#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "drift/finding.h"
#include "suite/suite.h"
#include "table/table.h"

namespace cupel::drift {

/// One number a row on either side, from a model: compared like a column.
struct ModelScores {
  std::string model;  ///< for messages
  std::vector<double> reference;
  std::vector<double> current;
};

struct DriftOptions {
  std::vector<std::string> columns;  ///< only these; empty: all that both tables have
  std::vector<std::string> excluded;
  std::string unit;                   ///< column whose rows belong together; empty: rows are independent
  std::map<std::string, Kind> kinds;  ///< instead of the guessed ones
  double margin = 0.1;
  std::map<std::string, double> margins;  ///< of single columns
  Rule rule;
  std::uint64_t seed = 0;
  int threads = 1;  ///< 0: all cores; does not change the result
  std::function<void(std::uint64_t done, std::uint64_t total)> progress{};
};

/// Every column without a suite: values (words and lengths of texts), the null share where either side has nulls, and the scores.
/// The first outcome is the dataset's. A column that only one side has is an error of its own outcome. Errors: an unknown column in the
/// options.
Result<std::vector<suite::Outcome>> drift_of_tables(const table::Table& reference, const table::Table& current,
                                                    const std::optional<ModelScores>& scores, const DriftOptions& options);

/// The subjects `dataset_drift`, `drift` and `score_drift` (see the pages in tests/drift), sorted by name.
std::span<const suite::SubjectInfo> subject_table();
/// The options for load_suite; further top-level keys are `alpha`, `correction` and `unit`.
suite::LoadOptions load_options();
/// Takes `alpha`, `correction` and `unit` of the suite where they are stated.
Result<void> read_suite_options(const suite::Suite& suite, DriftOptions& options);

/// Every expectation of a suite: their findings are corrected together. Errors: a parameter that is not understood (with its place).
Result<std::vector<suite::Outcome>> drift_of_suite(const suite::Suite& suite, const table::Table& reference, const table::Table& current,
                                                   const std::optional<ModelScores>& scores, const DriftOptions& options);

}  // namespace cupel::drift
