#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "stats/ascending.h"
#include "stats/p_value.h"

namespace cupel::stats {

/// Distances between two distributions over the same categories, current against reference.
enum class ShareDistance {
  hellinger,       ///< sqrt(1 - sum sqrt(p q)), in [0, 1]
  jensen_shannon,  ///< square root of the Jensen-Shannon divergence in bits, in [0, 1]
  kullback_leibler,  ///< of the current from the reference, in nats
  l_infinity,      ///< largest difference of a share, in [0, 1]
  psi,             ///< population stability index
};

/// A distance with what it would be if nothing had changed: both samples drawn from the pooled shares (or the one from the stated shares), by
/// simulation. `critical` is exceeded with probability `alpha` then: a smaller distance is no evidence of a change.
struct DistanceTest {
  double distance = 0;
  double p_value = 1;
  double critical = 0;
  int draws = 0;
};

/// The distance alone. Kullback-Leibler and PSI are infinite where a category is empty on one side: then 0.5 is added to every count. Both
/// samples must have rows (CHECK).
double share_distance(ShareDistance kind, std::span<const std::int64_t> reference, std::span<const std::int64_t> current);
double share_distance(ShareDistance kind, std::span<const double> shares, std::span<const std::int64_t> current);

DistanceTest test_distance(ShareDistance kind, std::span<const std::int64_t> reference, std::span<const std::int64_t> current, double alpha, const Simulation& simulation);
DistanceTest test_distance(ShareDistance kind, std::span<const double> shares, std::span<const std::int64_t> current, double alpha, const Simulation& simulation);

/// Earth mover's distance of two ascending samples in standard deviations of the reference (empty if that has no spread). Under no change the
/// distance shrinks as sqrt(1/n + 1/m): samples of at most 500 values drawn from the pooled ones, scaled by that, stand for larger ones.
std::optional<DistanceTest> test_wasserstein(const Ascending& reference, const Ascending& current, double alpha, const Simulation& simulation);
std::optional<DistanceTest> test_wasserstein(std::span<const double> sorted_reference, std::span<const double> sorted_current, double alpha, const Simulation& simulation);

}  // namespace cupel::stats
