#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/metrics.h"
#include "model/train_checkpoint.h"
#include "model/train_config.h"
#include "model/train_features.h"
#include "model/train_rows.h"
#include "table/table.h"

namespace cupel::model {

struct TrainOptions {
  int threads = 1;
  std::string tool_version;               ///< of the program, for model.json
  std::string data_path;                  ///< as given on the command line
  TrainingOrders orders{};
  std::function<void(double percent, std::string_view stage)> progress{};
};

/// A metric on one part of the data.
struct TrainedMetric {
  std::string name;
  MeasuredMetric measured;
};

struct Trained {
  std::string onnx;        ///< bytes of model.onnx; the same for the same configuration, data, seed and program
  std::string model_json;  ///< text of model.json (format 1)
  TrainRows rows;
  FeaturePlan plan;
  std::vector<TrainedMetric> held_out;   ///< with 95 % intervals
  double majority_accuracy = 0;          ///< of the held-out part
  double resumed_at = 0;                 ///< percent, when an interrupted training was continued
};

/// Trains, writes the graph, and measures the very bytes that are handed out on the held-out part. `config.seed` may have been replaced
/// by the command line's. Errors: those of check_against_schema, choose_rows and make_features.
///
/// Stages, each of steps after which a checkpoint may stand: features (not kept: they are the same again); `linear`: Newton steps; `trees`:
/// rounds; `text+trees`: the text score of each fold from a model of the other folds, the text model of all rows, rounds.
Result<Trained> train_model(const TrainConfig& config, table::Table& table, const TrainOptions& options);

}  // namespace cupel::model
