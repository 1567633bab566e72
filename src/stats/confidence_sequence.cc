#include "stats/confidence_sequence.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/invariant.h"

namespace cupel::stats {
namespace {

/// The mixture's variance that makes the sequence narrowest at `tuning_n`.
double rho_squared(double alpha, double tuning_n) {
  CHECK(alpha > 0 && alpha < 1 && tuning_n > 0, "alpha {}, n {}", alpha, tuning_n);
  const double l = -2 * std::log(alpha);
  return (l + std::log(l + 1)) / tuning_n;
}

double half_width(double standard_error, double n, double rho2, double log_term) {
  return standard_error * std::sqrt(n) * std::sqrt(2 * (n * rho2 + 1) / (n * n * rho2) * log_term);
}

}  // namespace

Interval confidence_sequence(double estimate, double standard_error, double n, double confidence, double tuning_n) {
  const double alpha = 1 - confidence;
  const double rho2 = rho_squared(alpha, tuning_n);
  const double half = half_width(standard_error, n, rho2, std::log(std::sqrt(n * rho2 + 1) / alpha));
  return {estimate - half, estimate + half, confidence};
}

Interval confidence_sequence_one_sided(double estimate, double standard_error, double n, double confidence, Alternative side,
                                       double tuning_n) {
  CHECK(side != Alternative::two_sided, "a one-sided sequence needs a side");
  const double alpha = 1 - confidence;
  const double rho2 = rho_squared(2 * alpha, tuning_n);
  const double half = half_width(standard_error, n, rho2, std::log(1 + std::sqrt(n * rho2 + 1) / (2 * alpha)));
  constexpr double k_infinity = std::numeric_limits<double>::infinity();
  if (side == Alternative::greater) return {estimate - half, k_infinity, confidence};
  return {-k_infinity, estimate + half, confidence};
}

double always_valid_p_value(double estimate, double standard_error, double n, double alpha, double tuning_n) {
  if (standard_error == 0) return estimate == 0 ? 1 : 0;
  if (!std::isfinite(standard_error)) return 1;
  const double rho2 = rho_squared(alpha, tuning_n);
  const double statistic = estimate / standard_error;
  const double scaled = n * rho2;
  const double log_e = rho2 * n * statistic * statistic / (2 * (scaled + 1)) - 0.5 * std::log(scaled + 1);
  return std::min(1.0, std::exp(-log_e));
}

double mixture_likelihood_ratio(double difference, double variance, double tau2) {
  CHECK(variance > 0 && tau2 > 0, "variances {} and {}", variance, tau2);
  return std::sqrt(variance / (variance + tau2)) * std::exp(tau2 * difference * difference / (2 * variance * (variance + tau2)));
}

}  // namespace cupel::stats
