#pragma once

#include <span>
#include <string>
#include <vector>

#include "drift/table_drift.h"

namespace cupel::drift {

/// A question with the samples that it is about.
struct Task {
  Question question;
  std::optional<table::Column> reference, current;  ///< nothing: the scores
  std::span<const double> reference_scores, current_scores;
  const Units* units = nullptr;
  std::string id;
};

/// Every finding by itself, spread over threads; not decided yet.
std::vector<Finding> find_all(const std::vector<Task>& tasks, const DriftOptions& options);

/// By the unit column, or by row where there is none.
Result<Units> make_units(const table::Table& reference, const table::Table& current, const std::string& unit);

}  // namespace cupel::drift
