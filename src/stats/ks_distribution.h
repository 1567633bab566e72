#pragma once

#include <cstdint>

namespace cupel::stats {

/// P(D_n <= d) and P(D_n > d) for n independent draws from the continuous distribution itself. Exact up to n = 140 (Marsaglia, Tsang and
/// Wang 2003) and in the tail up to n = 100,000 (Miller 1956; Simard and L'Ecuyer 2011), beyond that Pelz and Good 1976 (5 digits and more).
double ks_cdf(std::int64_t n, double d);
double ks_survival(std::int64_t n, double d);
/// The d with P(D_n <= d) = p.
double ks_quantile(double p, std::int64_t n);
/// Kolmogorov's limit: P(sqrt(n) D > t).
double kolmogorov_survival(double t);

}  // namespace cupel::stats
