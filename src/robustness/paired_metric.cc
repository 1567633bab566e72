#include "robustness/paired_metric.h"

#include <cmath>

#include "stats/auc.h"
#include "stats/distributions.h"
#include "stats/mcnemar.h"

namespace cupel::robustness {
namespace {

using model::Evaluation;

Result<PairedMetric> compare_accuracy(const Evaluation& first, const Evaluation& second, double confidence) {
  stats::PairedOutcomes outcomes;
  for (std::size_t row = 0; row < first.num_rows(); ++row) {
    const bool first_right = first.decided[row] == first.actual[row], second_right = second.decided[row] == second.actual[row];
    ++(first_right ? (second_right ? outcomes.both : outcomes.first_only) : (second_right ? outcomes.second_only : outcomes.neither));
  }
  PairedMetric out;
  out.difference = outcomes.difference();
  out.interval = stats::paired_difference(outcomes, confidence);
  out.p_value = stats::mcnemar_mid_p(outcomes.first_only, outcomes.second_only);
  out.method = "McNemar";
  return out;
}

Result<PairedMetric> compare_auc(const Evaluation& first, const Evaluation& second, double confidence) {
  ASSIGN_OR_RETURN(const stats::Estimate estimate, stats::auc_difference(first.scores, second.scores, first.actual));
  PairedMetric out;
  out.difference = estimate.value;
  out.interval = estimate.interval(confidence);
  out.p_value = estimate.test().p_value;
  out.method = "paired DeLong";
  return out;
}

}  // namespace

Result<PairedMetric> compare_metric(const model::Metric& metric, std::shared_ptr<const Evaluation> first,
                                    std::shared_ptr<const Evaluation> second, const stats::BootstrapOptions& options) {
  if (first->clusters.empty() && metric.name == "accuracy") return compare_accuracy(*first, *second, options.confidence);
  if (first->clusters.empty() && metric.name == "auc") return compare_auc(*first, *second, options.confidence);
  const double sign = metric.higher_is_better ? 1 : -1;
  const stats::WeightedStatistic of_first = metric.prepare(first), of_second = metric.prepare(second);
  const auto difference = [=](std::span<const double> weights) { return sign * (of_second(weights) - of_first(weights)); };
  ASSIGN_OR_RETURN(const stats::BootstrapInterval drawn, first->clusters.empty()
                                                             ? stats::bootstrap(first->num_rows(), difference, options)
                                                             : stats::cluster_bootstrap(first->clusters, difference, options));
  PairedMetric out;
  out.difference = drawn.estimate;
  out.interval = drawn.bca;
  if (drawn.standard_error > 0) out.p_value = 2 * stats::normal_survival(std::abs(drawn.estimate) / drawn.standard_error);
  out.method = first->clusters.empty() ? "paired bootstrap" : "paired bootstrap of groups";
  return out;
}

}  // namespace cupel::robustness
