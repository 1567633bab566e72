#pragma once

#include <span>

#include "stats/interval.h"
#include "stats/p_value.h"
#include "stats/sample_moments.h"

namespace cupel::stats {

/// An estimate with its standard error and reference distribution: interval and test follow. `standard_error` 0 (constant samples):
/// the interval is the point, and p is 1 at the tested value, else 0. Infinite (fewer than 2 values): the interval is unbounded, p 1.
struct Estimate {
  double value = 0;
  double standard_error = 0;
  double degrees_of_freedom = 0;  ///< infinite: normal

  Interval interval(double confidence) const;
  /// One-sided: [lower bound, infinity) for Alternative::greater, (-infinity, upper bound] for Alternative::less.
  Interval one_sided_interval(double confidence, Alternative alternative) const;
  TestResult test(double value_tested = 0, Alternative alternative = Alternative::two_sided) const;
};

/// Mean of one sample, Student's t on n - 1 degrees of freedom.
Estimate mean_estimate(const SampleMoments& sample);

/// Second mean minus first. `welch`: unequal variances, Welch-Satterthwaite degrees of freedom. `student`: pooled.
Estimate welch_difference(const SampleMoments& first, const SampleMoments& second);
Estimate student_difference(const SampleMoments& first, const SampleMoments& second);
/// (second - first) / |first| by the delta method, with Welch's degrees of freedom. Mean of the first not 0 (else infinite error).
/// Its p-value differs from that of the absolute difference on the same data: say which was used.
Estimate relative_difference(const SampleMoments& first, const SampleMoments& second);
/// Mean of y - x over pairs.
Estimate paired_difference_of_means(std::span<const double> x, std::span<const double> y);

}  // namespace cupel::stats
