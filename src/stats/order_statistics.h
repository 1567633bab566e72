#pragma once

#include <span>

#include "stats/interval.h"

namespace cupel::stats {

/// Interval of the population quantile `q` in (0, 1) between two order statistics of ascending values: coverage at least `confidence`
/// whatever the distribution. An end that the sample is too small to bound is infinite.
Interval quantile_interval(std::span<const double> sorted, double q, double confidence);

}  // namespace cupel::stats
