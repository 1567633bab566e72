#pragma once

#include <cstdint>
#include <span>

#include "stats/ascending.h"

namespace cupel::stats {

// Effect sizes between distributions. Shares are normalized counts over the same categories (CHECK); counts of an empty sample are not allowed.

/// Population stability index, sum (p - q) log(p / q). A category that only one sample has would make it infinite: counts are smoothed by
/// adding `smoothing` to every category when any is empty. Under no drift its mean is about (k - 1)(1/n + 1/m): `debiased` takes that off.
struct StabilityIndex {
  double value = 0;
  double debiased = 0;  ///< at least 0
};
StabilityIndex population_stability_index(std::span<const std::int64_t> reference, std::span<const std::int64_t> current,
                                          double smoothing = 0.5);

/// Kullback-Leibler divergence of p from q in nats; infinite where q is 0 and p is not.
double kullback_leibler(std::span<const double> p, std::span<const double> q);
/// Square root of the Jensen-Shannon divergence; natural logarithm: at most sqrt(log 2) = 0.833; base 2: at most 1.
double jensen_shannon_distance(std::span<const double> p, std::span<const double> q);
double jensen_shannon_distance_base2(std::span<const double> p, std::span<const double> q);
/// sqrt(1 - sum sqrt(p q)), in [0, 1].
double hellinger(std::span<const double> p, std::span<const double> q);

/// Area between the distribution functions of two ascending samples (earth mover's distance), in the unit of the values.
double wasserstein(std::span<const double> sorted_x, std::span<const double> sorted_y);
double wasserstein(const Ascending& x, const Ascending& y);
/// sqrt(2 integral (F - G)^2): energy distance of two ascending samples, as scipy.stats.energy_distance.
double energy_distance(std::span<const double> sorted_x, std::span<const double> sorted_y);
/// Cramér-von Mises two-sample statistic T = U / (nm(n+m)) - (4nm - 1) / (6(n+m)) with mid-ranks, and its limit p-value.
struct CramerVonMises {
  double statistic = 0;
  double p_value = 1;
};
CramerVonMises cramer_von_mises(std::span<const double> sorted_x, std::span<const double> sorted_y);

}  // namespace cupel::stats
