#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/predictor.h"
#include "stats/bootstrap.h"
#include "stats/interval.h"
#include "table/table.h"

namespace cupel::model {

/// Scored rows of a binary classifier beside the truth: what every metric is computed from.
struct Evaluation {
  std::vector<double> scores;           ///< probability of the positive class
  std::vector<std::uint8_t> decided;    ///< 1 where the model decided for the positive class
  std::vector<std::uint8_t> actual;     ///< 1 where the row is of the positive class
  std::vector<std::uint32_t> clusters;  ///< number of each row's group from 0; empty: rows are independent
  std::size_t num_rows() const { return actual.size(); }
};

/// Lines the scores up with the target column. `positive` empty: the last class of the model. `group` names the column whose rows come
/// and go together in intervals (empty: none). Errors: not a binary classifier, a column that is not there, a target value that is null or
/// not a class of the model (row named).
Result<Evaluation> make_evaluation(const Scores& scores, const table::Table& table, std::string_view target, std::string_view positive,
                                   std::string_view group = {});
/// The rows at these positions.
Evaluation take(const Evaluation& all, std::span<const std::int64_t> rows);

/// A quality of a binary classifier. One file-level table (`metrics`) feeds help, `list`, `explain` and did-you-mean.
struct Metric {
  std::string_view name;
  std::string_view summary;
  bool higher_is_better;
  /// True when only `decided` matters, false when `scores` do.
  bool of_decisions;
  /// The metric of weighted rows, prepared once for many calls (bootstrap). NaN where it is undefined: AUC of one class.
  stats::WeightedStatistic (*prepare)(std::shared_ptr<const Evaluation> evaluation);
};

/// All metrics by name.
std::span<const Metric> metrics();
/// By name, or an error with the nearest.
Result<const Metric*> find_metric(std::string_view name);

/// The metric over all rows; NaN where it is undefined.
double metric_value(const Metric& metric, const Evaluation& evaluation);

struct MeasuredMetric {
  double value = 0;
  std::optional<stats::Interval> interval{};  ///< nothing where it is undefined (fewer than 2 rows or groups)
  std::string method;                         ///< "cluster bootstrap", "bootstrap", "Wilson", "DeLong"
  std::int64_t num_rows = 0;
};

/// The metric with an interval: with groups a bootstrap of whole groups; else Wilson for accuracy, DeLong for the AUC and a bootstrap of
/// rows for the others (bias-corrected and accelerated). Errors: undefined value (one class only), no rows.
Result<MeasuredMetric> measure(const Metric& metric, const Evaluation& evaluation, const stats::BootstrapOptions& options);

/// Accuracy of always answering the more frequent class.
double majority_accuracy(const Evaluation& evaluation);

}  // namespace cupel::model
