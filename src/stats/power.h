#pragma once

#include "base/result.h"
#include "stats/p_value.h"

namespace cupel::stats {

/// What a planned test must meet. `share_of_treatment`: of all units, in (0, 1).
struct TestDesign {
  double alpha = 0.05;
  double power = 0.8;
  Alternative alternative = Alternative::two_sided;  ///< two_sided, or any side: one-sided
  double share_of_treatment = 0.5;
};

// All sample sizes are totals over both arms, not rounded. Powers count the side of the effect only (as R's power.prop.test and
// power.t.test); the other side's rejections would be mistakes.

/// Two shares by the pooled normal test (Fleiss, Levin, Paik 2003, equation 4.14; equal arms: R's power.prop.test).
double proportions_power(double first, double second, double total, const TestDesign& design);
/// Errors: equal shares, or a design that no size meets.
Result<double> proportions_sample_size(double first, double second, const TestDesign& design);
/// The least second share above (`upward`) or below `first` that `total` units detect. Error: none within [0, 1].
enum class Direction { up, down };
Result<double> proportions_detectable(double first, double total, Direction direction, const TestDesign& design);

/// Two means with a common standard deviation by Student's t test (noncentral t; equal arms: R's power.t.test). `difference` > 0.
double means_power(double difference, double stddev, double total, const TestDesign& design);
Result<double> means_sample_size(double difference, double stddev, const TestDesign& design);
Result<double> means_detectable(double stddev, double total, const TestDesign& design);

/// Normal power of an estimate with this standard error, both sides counted: P(|Z + effect / error| > z).
double normal_power(double effect, double standard_error, double alpha);

/// Pairs judged by McNemar's test with shares `first_only` and `second_only` of disagreement: normal power with the variance of the
/// difference (Connor 1987). Error: no difference.
double mcnemar_power(double first_only, double second_only, double pairs, const TestDesign& design);
Result<double> mcnemar_sample_size(double first_only, double second_only, const TestDesign& design);

}  // namespace cupel::stats
