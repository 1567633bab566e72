#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "model/train_parameters.h"
#include "table/batch.h"
#include "table/splits.h"

namespace cupel::model {

/// A column's name with the place in the file that names it, for errors that only the data can show.
struct NamedColumn {
  std::string name;
  std::string place;  ///< `train.yaml:7:13`
};

/// The training configuration, `train.yaml`:
///
///     cupel: 1
///     train: reviews                          # name of the model
///     about: …                                # optional
///     target: Recommended IND
///     positive: 1                             # optional: the class of interest, else the last in order
///     features: {numeric: [Age], categorical: [Class Name], text: [Review Text]}
///     exclude: [{column: Rating, because: it restates the target}]
///     where: Age >= 18                        # optional: the segment
///     split: {group: Clothing ID, salt: reviews, share: 20%}
///     estimator: linear                       # or trees, text+trees
///     parameters: {regularization: 0.5}
///     seed: 7
///     minimum_rows: 1000
///     minimum_rows_per_class: 100
struct TrainConfig {
  std::string name;
  std::string about;
  NamedColumn target;
  std::string positive;  ///< empty: not stated
  std::string positive_place;
  std::vector<NamedColumn> numeric, categorical, text;
  struct Exclusion {
    NamedColumn column;
    std::string because;
  };
  std::vector<Exclusion> exclusions;
  std::string where;  ///< empty: all rows
  std::string where_place;
  table::HashSplit split;
  NamedColumn group;  ///< name empty: by row
  Estimator estimator = Estimator::linear;
  Parameters parameters;
  std::uint64_t seed = 0;
  std::int64_t minimum_rows = 1000;           ///< of the segment, both parts of the split
  std::int64_t minimum_rows_per_class = 50;   ///< of the training part
  std::string path;    ///< as given
  std::string digest;  ///< `sha256:…` of the file's bytes

  double parameter(std::string_view parameter_name) const { return parameters.find(parameter_name)->second; }
};

/// Strict: unknown keys, wrong types and numbers out of range are errors with file, line and column.
Result<TrainConfig> parse_train_config(std::string_view text, std::string_view path);
Result<TrainConfig> read_train_config(const fs::path& path);

/// Every column of the data is the target, a feature, excluded or the split's group, each column once, and each named one exists. So a
/// new column that leaks the target cannot slip in, and a missing one is noticed. Errors name the place or the columns that are not
/// mentioned.
Result<void> check_against_schema(const TrainConfig& config, const table::Schema& schema);

}  // namespace cupel::model
