#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/result.h"
#include "stats/ascending.h"
#include "stats/chi_square.h"
#include "stats/p_value.h"

namespace cupel::stats {

/// A Kolmogorov-Smirnov test. Samples are ascending and hold no NaN (CHECK); they need not be in memory.
struct KsTest {
  double statistic = 0;  ///< D: the largest distance of the distribution functions, in [0, 1]
  double location = 0;   ///< a value where it is reached
  double p_value = 1;    ///< two-sided
  PValueMethod method = PValueMethod::exact;
};

/// One sample against a fully stated continuous distribution function. With ties the test is conservative. Error: empty sample.
Result<KsTest> ks_one_sample(const Ascending& sample, const std::function<double(double)>& cdf);
Result<KsTest> ks_one_sample(std::span<const double> sorted, const std::function<double(double)>& cdf);

/// Two samples. Ties are handled as they are: the p-value is that of all splits of the pooled values into samples of these sizes
/// (Hodges 1958; Schröer and Trenkler 1995), exact while about 2 D n m <= 3e7, else the limit, or a simulation of it
/// when the pooled values are few (heavy ties make the plain limit conservative). Error: an empty sample.
Result<KsTest> ks_two_sample(const Ascending& x, const Ascending& y, const Simulation& simulation);
Result<KsTest> ks_two_sample(std::span<const double> sorted_x, std::span<const double> sorted_y, const Simulation& simulation);

/// The same from counts over the same k ordered values (integers, ranks, bins of a profile).
Result<KsTest> ks_two_sample_counts(std::span<const std::int64_t> x, std::span<const std::int64_t> y, const Simulation& simulation);

/// The limit alone, as R's ks.test(exact = FALSE).
double ks_two_sample_asymptotic(double d, std::int64_t n, std::int64_t m);

/// Interval of the distance between the distribution sampled and a stated one: D -/+ the `confidence` quantile of D_n (the triangle
/// inequality of the supremum norm), so it holds at any true distance and any n.
DistanceInterval ks_distance_interval(double d, std::int64_t n, double confidence);
/// For two samples: quantile of the supremum of the difference of two Brownian bridges at the samples' own distribution functions; the
/// sum of two one-sample quantiles below 50 values.
DistanceInterval ks_distance_interval(const Ascending& x, const Ascending& y, double d, double confidence, const Simulation& simulation);
DistanceInterval ks_distance_interval(std::span<const double> sorted_x, std::span<const double> sorted_y, double d, double confidence,
                                      const Simulation& simulation);

}  // namespace cupel::stats
