#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "table/table.h"

namespace cupel::prove {

/// Which damage matters: that which makes a model's score fall by more than a share of it. A fault that nothing reads is no reason to stop.
struct Harm {
  std::string of{};          ///< "the AUC of 'is_canceled' by models/hotel"
  std::vector<int> fields{}; ///< of the clean data that the model reads
  double most = 0.03;        ///< relative fall of the score from which on damage is harm
  int cases_per_column = 240; ///< faults tried, at random shares of the rows, on each of `fields` that can do harm; few on the others
  int batches = 4;           ///< clean batches that they are put into in turn
  double weight = 1.5;        ///< of an alarm on harmless damage against a harmful case caught
  /// Higher is better, above 0; nothing when the model refuses the rows, which is harm. Called by several threads.
  std::function<std::optional<double>(const table::Table&)> score{};
};

}  // namespace cupel::prove
