#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"

namespace cupel::stats {

/// Successes among `trials` (constant expected time: Hörmann, "The generation of binomial random variates", 1993, algorithm BTRS;
/// by inversion when trials * p < 10).
std::int64_t random_binomial(Random& random, std::int64_t trials, double probability);

/// Counts of `total` draws over categories with these shares (>= 0, positive sum; need not be normalized). `counts` has their length.
void random_multinomial(Random& random, std::int64_t total, std::span<const double> shares, std::span<std::int64_t> counts);

/// Successes among `drawn` without replacement from `successes` + `failures` (inversion from the mode, so about one standard
/// deviation of steps).
std::int64_t random_hypergeometric(Random& random, std::int64_t drawn, std::int64_t successes, std::int64_t failures);

/// Splits `drawn` rows taken without replacement from categories with these counts: a random first row of a 2 x k table with fixed margins.
void random_subset_counts(Random& random, std::int64_t drawn, std::span<const std::int64_t> available, std::span<std::int64_t> taken);

/// A table (row-major, rows.size() x columns.size()) with fixed row and column sums, as under independence.
void random_table(Random& random, std::span<const std::int64_t> rows, std::span<const std::int64_t> columns, std::span<std::int64_t> table);

/// Poisson variate (inversion below mean 30, a binomial with many trials above is not used: gamma reduction, Ahrens and Dieter 1974).
std::int64_t random_poisson(Random& random, double mean);
/// Gamma variate with scale 1 (Marsaglia and Tsang 2000).
double random_gamma(Random& random, double shape);

}  // namespace cupel::stats
