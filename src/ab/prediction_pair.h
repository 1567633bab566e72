#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ab/analysis.h"
#include "ab/assignment.h"
#include "base/result.h"
#include "table/table.h"

namespace cupel::ab {

/// How two models' predictions for the same rows are compared.
enum class Metric { accuracy, auc, brier, log_loss };
struct MetricEntry {
  Metric metric;
  std::string_view name;
  bool higher_is_better;
  bool needs_probability;
};
/// Sorted by name.
std::span<const MetricEntry> metric_table();
const MetricEntry* find_metric(std::string_view name);

/// Which columns of the prediction files mean what. Files as `cupel predict` writes them: `row`, `prediction`, `probability` (of the
/// positive class), and the kept columns, the label among them.
struct PairColumns {
  std::string label;
  std::string positive;  ///< the positive class's text; empty: 1, true or yes
  std::string unit;      ///< randomized for the split comparison; empty: none is made
  std::string cluster;   ///< rows of one value are not independent; empty: the unit, else each row
};

/// Rows that both models scored, with the label.
struct PredictionPair {
  std::int64_t num_rows = 0;
  std::vector<std::uint8_t> correct[2];      ///< prediction equals label
  std::vector<double> probability[2];        ///< of the positive class; empty: not in the file
  std::vector<std::uint8_t> positive;        ///< label is the positive class
  bool binary = false;                       ///< the positive class is known
  std::optional<Units> units;                ///< of PairColumns::unit
  std::optional<std::vector<std::uint32_t>> clusters;
  std::int64_t num_clusters = 0;
  std::int64_t without_label = 0;            ///< rows left out
};

/// Joins by `row`. Errors: a missing column, a row that one file has twice or that only one has, labels that differ between the files,
/// a probability outside [0, 1], no row left.
Result<PredictionPair> pair_predictions(const table::Table& a, const table::Table& b, const PairColumns& columns);

/// The paired difference B minus A over all rows (McNemar's test for accuracy, DeLong's for the AUC, a paired t for mean losses; errors by
/// cluster where there are clusters). With a unit: before it the check of the hash assignment's ratio, and the comparison that an
/// experiment would see, each unit scored by one model only; a warning at most, since the paired test sees more.
/// Errors: a metric that needs probabilities or two classes.
Result<Analysis> analyze_pair(const PredictionPair& pair, Metric metric, const PairColumns& columns, std::span<const Arm> arms, HashRule rule,
                              std::string_view salt, const Question& question);

}  // namespace cupel::ab
