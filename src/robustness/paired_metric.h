#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "model/metrics.h"
#include "stats/bootstrap.h"

namespace cupel::robustness {

/// How much better `second` is than `first` on the same rows.
struct PairedMetric {
  double difference = 0;  ///< quality of the second minus the first's: positive is better, whatever the direction of the metric
  stats::Interval interval;
  std::optional<double> p_value;  ///< two-sided, of "equally good"
  std::string method;
};

/// Both evaluations hold the same rows in the same order. Rows that belong together are drawn together (cluster bootstrap); without
/// groups accuracy is compared by McNemar's mid-p with Newcombe's interval, the AUC by DeLong, and all others by a paired bootstrap
/// (bias-corrected, accelerated). Errors: a metric that is undefined on these rows.
Result<PairedMetric> compare_metric(const model::Metric& metric, std::shared_ptr<const model::Evaluation> first,
                                    std::shared_ptr<const model::Evaluation> second, const stats::BootstrapOptions& options);

}  // namespace cupel::robustness
