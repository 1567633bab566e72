#pragma once

#include <cstdint>
#include <span>

#include "stats/ascending.h"

namespace cupel::stats {

/// Size, mean and unbiased variance (divisor n - 1; 0 for fewer than 2 values) of a sample.
struct SampleMoments {
  std::int64_t n = 0;
  double mean = 0;
  double variance = 0;

  /// From the sum and the sum of squares, as experiment platforms store them. Cancels when the variance is far below the squared mean.
  static SampleMoments from_sums(std::int64_t n, double sum, double sum_of_squares);
  /// Of successes among trials, with the variance p (1 - p) that proportions use (divisor n).
  static SampleMoments of_proportion(std::int64_t successes, std::int64_t trials);
};

/// Two passes with compensated sums: exact to the last digit or two. NaN must not occur.
SampleMoments sample_moments(std::span<const double> values);
/// Of `of(value)` where that is given, in the ascending order of the values: the same digits as of a span of them.
SampleMoments sample_moments(const Ascending& sample, double (*of)(double) = nullptr);

double sum_of(std::span<const double> values);

/// Unbiased covariance (divisor n - 1); 0 for fewer than 2 pairs.
double covariance(std::span<const double> x, std::span<const double> y);
/// Pearson's correlation; 0 if either is constant.
double correlation(std::span<const double> x, std::span<const double> y);

/// Quantile of ascending values by linear interpolation between order statistics, h = (n - 1) q (type 7 of Hyndman and Fan 1996: numpy's
/// and R's default). `values` not empty, q in [0, 1].
double sorted_quantile(std::span<const double> values, double q);

}  // namespace cupel::stats
