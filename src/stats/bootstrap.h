#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "stats/interval.h"

namespace cupel::stats {

/// A statistic of a resample, given how often each row is in it (one weight a row, integers as doubles; their sum is the resample's size).
/// A paired comparison of two models is a statistic over the same rows. Must be callable from several threads. An answer that is not
/// finite (no positive row in the resample) is left out and counted.
using WeightedStatistic = std::function<double(std::span<const double> weights)>;

struct BootstrapOptions {
  double confidence = 0.95;
  int resamples = 2000;
  std::uint64_t seed = 0;
  std::string purpose = "bootstrap";
  int threads = 1;
};

struct BootstrapInterval {
  double estimate = 0;  ///< of the whole sample
  double standard_error = 0;
  Interval percentile;
  Interval bca;  ///< bias-corrected and accelerated (Efron 1987); the percentile interval where that is undefined
  int resamples = 0;
  int undefined = 0;  ///< resamples without a finite statistic
};

/// Resamples `rows` rows with replacement; resample i is drawn from (seed, purpose, i), so that the result does not depend on `threads`.
/// The acceleration comes from at most 200 groups of rows left out one at a time. Errors: no rows, a statistic that is not finite on the
/// whole sample or on more than half of the resamples.
Result<BootstrapInterval> bootstrap(std::size_t rows, const WeightedStatistic& statistic, const BootstrapOptions& options);

/// Resamples whole clusters: rows of equal `clusters` number (0 .. count - 1) come and go together. Needs at least 2 clusters; below
/// about 30 the interval is too narrow.
Result<BootstrapInterval> cluster_bootstrap(std::span<const std::uint32_t> clusters, const WeightedStatistic& statistic,
                                            const BootstrapOptions& options);

}  // namespace cupel::stats
