#pragma once

#include <string>

#include "model/train_model.h"

namespace cupel::model {

/// Facts of a training that only the run knows.
struct CardFacts {
  std::string data_digest;
  std::string data_note;
  double seconds = 0;
  std::vector<TrainedMetric> training;  ///< values on the training part, without intervals
};

/// The text of model.json, format 1: what was trained, on what, and how good it is. Absent facts are left out.
std::string model_card_text(const TrainConfig& config, const TrainOptions& options, const Trained& trained, const CardFacts& facts);

}  // namespace cupel::model
