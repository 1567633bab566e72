#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "stats/interval.h"
#include "stats/means.h"

namespace cupel::stats {

// `labels`: 1 for the positive class, 0 for the other, one a score. Scores hold no NaN (CHECK). All need at least one row of each class.

/// Area under the ROC curve: the chance that a positive row's score is above a negative one's, ties counted half.
Result<double> auc(std::span<const double> scores, std::span<const std::uint8_t> labels);

/// The same with its standard error by DeLong, DeLong, Clarke-Pearson 1988 (computed by mid-ranks, Sun and Xu 2014, O(n log n)). The
/// error is infinite with fewer than 2 rows of a class.
Result<Estimate> auc_estimate(std::span<const double> scores, std::span<const std::uint8_t> labels);
/// Interval on the logit scale, so that it stays inside [0, 1]; the plain point at an AUC of 0 or 1 is widened to the exact bound of
/// one misordered pair's chance (Clopper-Pearson over the smaller class).
Result<Interval> auc_interval(std::span<const double> scores, std::span<const std::uint8_t> labels, double confidence);

/// Second model's AUC minus the first's on the same rows, with the paired DeLong error.
Result<Estimate> auc_difference(std::span<const double> first_scores, std::span<const double> second_scores,
                                std::span<const std::uint8_t> labels);

/// Influence of each row on the AUC of its scores (DeLong's components, centred and scaled; they add up to 0): for errors by
/// cluster (stats/clusters.h), of a difference as the difference of two influences.
Result<std::vector<double>> auc_influence(std::span<const double> scores, std::span<const std::uint8_t> labels);

/// AUC of weighted rows, for the bootstrap: sorts once, then each call is O(n).
class WeightedAuc {
 public:
  WeightedAuc(std::span<const double> scores, std::span<const std::uint8_t> labels);
  /// NaN when a class has no weight.
  double operator()(std::span<const double> weights) const;

 private:
  std::vector<std::uint32_t> order_;   // rows by ascending score
  std::vector<std::uint32_t> groups_;  // ends of equal scores in order_
  std::vector<std::uint8_t> labels_;
};

}  // namespace cupel::stats
