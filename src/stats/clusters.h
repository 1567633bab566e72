#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "stats/means.h"

namespace cupel::stats {

// Rows of one cluster (all reviews of a product, all views of a user) are not independent: the error of an estimate comes from sums over
// clusters (Liang and Zeger 1986). `clusters` numbers the cluster of each row, 0 .. count - 1.

/// An estimate whose rows contribute `influence` each (derivative by the row's weight; they add up to 0 at the estimate): standard error
/// sqrt(K / (K - 1) sum over clusters of squared sums), Student's t on K - 1. Fewer than 2 clusters: infinite error.
Estimate clustered_estimate(double value, std::span<const double> influence, std::span<const std::uint32_t> clusters);

/// Mean over rows (not over clusters).
Estimate clustered_mean(std::span<const double> values, std::span<const std::uint32_t> clusters);

/// Mean of the rows of arm 1 minus that of arm 0, each cluster lying in one arm or in both. Each arm needs at least 1 row (CHECK).
Estimate clustered_difference(std::span<const double> values, std::span<const std::uint8_t> arms, std::span<const std::uint32_t> clusters);

/// Sum of numerators over sum of denominators, one of each a unit, by the delta method: (M - R D) / mean D per unit. Sum of the
/// denominators not 0 (else infinite error).
Estimate ratio_estimate(std::span<const double> numerators, std::span<const double> denominators);

/// Numbers 0 .. count - 1 in order of first appearance, for clusters named by any integers.
std::vector<std::uint32_t> dense_clusters(std::span<const std::uint64_t> names);

}  // namespace cupel::stats
