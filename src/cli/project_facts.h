#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "states/group_counts.h"
#include "table/batch.h"

namespace cupel::cli {

/// What a column is to a model that predicts the target.
enum class Role { target, numeric, categorical, text, group, excluded };

/// What `cupel init` knows of a column. Counts, ranges and categories are of all rows; what needs the values side by side (does every one occur
/// once, how well does the column alone tell the target) is of the rows in memory: all, or a sample of them.
struct ColumnFacts {
  std::string name;
  table::Type type = table::Type::text;
  std::int64_t nulls = 0;
  std::optional<double> least, greatest;  ///< of the finite numbers
  std::vector<states::GroupCounts::Group> values;  ///< by value, null included; empty: more than k_most_values
  bool many_values = false;
  std::int64_t sample_distinct = 0;
  double mean_words = 0;         ///< of a text, in the sample
  std::int64_t most_characters = 0;
  bool is_key = false;           ///< every present value of the sample occurs once, and it is no measurement
  bool is_dates = false;         ///< timestamps, or texts that read as such
  std::optional<double> auc;     ///< of the column alone: half of the rows judged by the other half with the same value
  Role role = Role::excluded;
  std::string because;           ///< of an exclusion or the group

  double null_share(std::int64_t rows) const { return rows == 0 ? 0 : static_cast<double>(nulls) / static_cast<double>(rows); }
};

struct ProjectFacts {
  static constexpr std::int64_t k_most_values = 200;
  static constexpr std::int64_t k_sample_rows = 200'000;
  static constexpr double k_leak_auc = 0.95;

  std::int64_t rows = 0;
  std::int64_t sample_rows = 0;
  int target = 0;
  std::vector<std::string> classes;     ///< two; the last is what the model is asked for: 1, true or yes, else the rarer
  std::vector<std::int64_t> class_rows;
  std::vector<ColumnFacts> columns;     ///< as in the data

  const ColumnFacts& target_column() const { return columns[static_cast<std::size_t>(target)]; }
  std::vector<std::string> names_of(Role role) const;
};

/// Looks at the data: one scan of all rows, one that takes a sample into memory; gives every column a role, with a reason where it is left out.
/// Errors: an unknown target; a target with other than two classes or with nulls, and what to do about it; too few rows; no feature left.
Result<ProjectFacts> find_project_facts(table::BatchSource& data, const std::string& target, std::uint64_t seed, const table::ScanOptions& scan);

}  // namespace cupel::cli
