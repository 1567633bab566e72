#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/yaml.h"

namespace cupel::suite {

/// One result for each group of rows: `by: Department Name`, `by: [Division Name, Department Name]`, or with limits
/// `by: {columns: Clothing ID, max_groups: 500, min_rows: 30}`. Stated for one expectation, or beside `expect` for all that do not state their
/// own; `by: []` takes an expectation out.
struct Grouping {
  std::vector<std::string> columns;  ///< empty: not by group
  std::int64_t max_groups = 100;     ///< more are an error of the expectation: a key is no group
  std::int64_t min_rows = 1;         ///< groups of fewer rows are not judged; the report says how many
  yaml::Node node;

  static Result<Grouping> parse(const yaml::Node& node);
  /// "Division Name, Department Name"
  std::string words() const;
};

}  // namespace cupel::suite
