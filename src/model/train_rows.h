#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/train_config.h"
#include "table/table.h"

namespace cupel::model {

/// Which rows a training uses, and for what.
struct TrainRows {
  std::int64_t data_rows = 0;              ///< of the table, after an induced limit
  std::vector<std::int64_t> training;      ///< positions in the table
  std::vector<std::int64_t> held_out;
  std::vector<std::string> classes;        ///< the negative, then the positive one
  std::vector<std::uint8_t> labels;        ///< of the training rows: 1 is positive
  std::vector<std::uint32_t> folds;        ///< of the training rows, 0 to `folds` - 1; rows of a group share theirs
};

/// The segment's rows of the first `limit` rows (nothing: all), split, with their labels. Errors: no rows at all; fewer rows than
/// configured, or than configured of a class, or a held-out part without both classes (all `too_little_data`); a target that is null
/// (first row named), of one class or of more than two; `positive` is no value of the target.
Result<TrainRows> choose_rows(const TrainConfig& config, const table::Table& table, std::optional<std::int64_t> limit, int num_folds);

}  // namespace cupel::model
