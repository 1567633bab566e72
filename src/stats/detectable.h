#pragma once

#include <cstdint>

namespace cupel::stats {

/// The smallest total variation distance that a chi-square test with these degrees of freedom finds with at least `power`, whatever the
/// direction of the change: the noncentrality of a change at distance t is at least 4 n t^2 (Cauchy-Schwarz), and the one that
/// gives the power solves P(X' > chi2_{1-alpha}) = power for the noncentral chi-square distribution. For two samples of n and m rows put
/// n m / (n + m). At most 1; 1 for no rows or no degrees of freedom.
double detectable_total_variation(double num_rows, double degrees_of_freedom, double alpha, double power);

/// The smallest Kolmogorov-Smirnov distance that the test finds with at least `power`: (k + z / 2) / sqrt(n), k the critical value of
/// Kolmogorov's limit at `alpha` and z the normal quantile of the power, since at the point of largest distance the empirical
/// distribution function has a standard deviation of at most 1 / (2 sqrt(n)). Rows as above. At most 1.
double detectable_ks_distance(double num_rows, double alpha, double power);

}  // namespace cupel::stats
