#pragma once

#include <cstdint>

#include "stats/interval.h"
#include "stats/p_value.h"

namespace cupel::stats {

// Intervals of a share from `successes` of `n`. With n = 0 all are [0, 1]: nothing is known.

/// Wilson 1927, without continuity correction: mean coverage close to nominal at any n.
Interval wilson(std::int64_t successes, std::int64_t n, double confidence);
/// Clopper and Pearson 1934, "exact": coverage never below nominal.
Interval clopper_pearson(std::int64_t successes, std::int64_t n, double confidence);
/// One-sided exact bounds: the share is at most / at least this.
double clopper_pearson_upper(std::int64_t successes, std::int64_t n, double confidence);
double clopper_pearson_lower(std::int64_t successes, std::int64_t n, double confidence);
/// Equal-tailed Bayesian with prior Beta(1/2, 1/2); the end at 0 (or n) successes is 0 (or 1) (Brown, Cai, DasGupta 2001).
Interval jeffreys(std::int64_t successes, std::int64_t n, double confidence);

/// Exact binomial test of a stated share; two-sided: all outcomes at most as likely (as R's binom.test).
double binomial_test(std::int64_t successes, std::int64_t n, double share, Alternative alternative = Alternative::two_sided);

}  // namespace cupel::stats
