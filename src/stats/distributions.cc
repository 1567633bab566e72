#include "stats/distributions.h"

#include <algorithm>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/invariant.h"

namespace cupel::stats {
namespace {

namespace bm = boost::math;
namespace bp = boost::math::policies;
// Nothing throws: the edges are answered here before Boost sees them, an overflow becomes infinity and an underflow 0.
using Quiet = bp::policy<bp::domain_error<bp::errno_on_error>, bp::pole_error<bp::errno_on_error>, bp::overflow_error<bp::errno_on_error>,
                         bp::underflow_error<bp::ignore_error>, bp::evaluation_error<bp::errno_on_error>>;
constexpr Quiet k_quiet;
constexpr double k_infinity = std::numeric_limits<double>::infinity();
constexpr double k_nan = std::numeric_limits<double>::quiet_NaN();

void check_probability(double p) { CHECK(!(p < 0) && !(p > 1), "probability {}", p); }
void check_positive(double value) { CHECK(value > 0, "parameter {}", value); }

/// The least whole k in [low, high] with cdf(k) >= p.
template <typename Cdf>
std::int64_t discrete_quantile(double p, std::int64_t low, std::int64_t high, Cdf cdf) {
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (cdf(middle) >= p) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/// log(k!) - Stirling's formula, the part that the saddle-point form of the binomial and Poisson mass needs (Loader 2000).
double stirling_error(double n) {
  if (n < 16) return std::lgamma(n + 1) - (n + 0.5) * std::log(n) + n - 0.5 * std::log(2 * std::numbers::pi);
  const double nn = n * n;
  return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / nn) / nn) / nn) / nn) / n;
}

/// x log(x / m) + m - x without cancellation near x = m (Loader 2000).
double deviance(double x, double m) {
  if (std::abs(x - m) < 0.1 * (x + m)) {
    const double v = (x - m) / (x + m);
    double sum = (x - m) * v;
    double term = 2 * x * v;
    for (int j = 1; j < 1000; ++j) {
      term *= v * v;
      const double next = sum + term / (2 * j + 1);
      if (next == sum) return sum;
      sum = next;
    }
  }
  return x * std::log(x / m) + m - x;
}

}  // namespace

double normal_density(double x) { return std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi); }
double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }
double normal_survival(double x) { return 0.5 * std::erfc(x / std::numbers::sqrt2); }
double normal_quantile(double p) {
  check_probability(p);
  if (std::isnan(p)) return k_nan;
  if (p == 0) return -k_infinity;
  if (p == 1) return k_infinity;
  return -std::numbers::sqrt2 * bm::erfc_inv(2 * p, k_quiet);
}

double student_t_survival(double t, double degrees_of_freedom) {
  check_positive(degrees_of_freedom);
  if (std::isnan(t)) return k_nan;
  if (std::isinf(degrees_of_freedom)) return normal_survival(t);
  if (std::isinf(t)) return t > 0 ? 0 : 1;
  return bm::cdf(bm::complement(bm::students_t_distribution<double, Quiet>(degrees_of_freedom), t));
}
double student_t_cdf(double t, double degrees_of_freedom) { return student_t_survival(-t, degrees_of_freedom); }
double student_t_quantile(double p, double degrees_of_freedom) {
  check_positive(degrees_of_freedom);
  check_probability(p);
  if (std::isinf(degrees_of_freedom)) return normal_quantile(p);
  if (std::isnan(p)) return k_nan;
  if (p == 0) return -k_infinity;
  if (p == 1) return k_infinity;
  return bm::quantile(bm::students_t_distribution<double, Quiet>(degrees_of_freedom), p);
}
double noncentral_t_cdf(double t, double degrees_of_freedom, double delta) {
  check_positive(degrees_of_freedom);
  if (std::isnan(t) || std::isnan(delta)) return k_nan;
  if (std::isinf(t)) return t > 0 ? 1 : 0;
  if (delta == 0) return student_t_cdf(t, degrees_of_freedom);
  if (std::isinf(degrees_of_freedom)) return normal_cdf(t - delta);
  const double value = bm::cdf(bm::non_central_t_distribution<double, Quiet>(degrees_of_freedom, delta), t);
  return std::isfinite(value) ? std::clamp(value, 0.0, 1.0) : normal_cdf(t - delta);
}

double chi_square_cdf(double x, double degrees_of_freedom) { return gamma_cdf(x, degrees_of_freedom / 2, 2); }
double chi_square_survival(double x, double degrees_of_freedom) { return gamma_survival(x, degrees_of_freedom / 2, 2); }
double chi_square_quantile(double p, double degrees_of_freedom) { return gamma_quantile(p, degrees_of_freedom / 2, 2); }

double f_cdf(double x, double d1, double d2) {
  if (!(x > 0)) return std::isnan(x) ? k_nan : 0;
  if (std::isinf(x)) return 1;
  return d1 * x > d2 ? beta_survival(d2 / (d2 + d1 * x), d2 / 2, d1 / 2) : beta_cdf(d1 * x / (d2 + d1 * x), d1 / 2, d2 / 2);
}
double f_survival(double x, double d1, double d2) {
  if (!(x > 0)) return std::isnan(x) ? k_nan : 1;
  if (std::isinf(x)) return 0;
  return d1 * x > d2 ? beta_cdf(d2 / (d2 + d1 * x), d2 / 2, d1 / 2) : beta_survival(d1 * x / (d2 + d1 * x), d1 / 2, d2 / 2);
}
double f_quantile(double p, double d1, double d2) {
  check_probability(p);
  if (p == 1) return k_infinity;
  if (p == 0) return 0;
  double complement = 0;
  const double x = bm::ibeta_inv(d1 / 2, d2 / 2, p, &complement, k_quiet);
  return d2 * x / (d1 * complement);
}

double beta_cdf(double x, double a, double b) {
  check_positive(a);
  check_positive(b);
  if (std::isnan(x)) return k_nan;
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  return bm::ibeta(a, b, x, k_quiet);
}
double beta_survival(double x, double a, double b) {
  check_positive(a);
  check_positive(b);
  if (std::isnan(x)) return k_nan;
  if (x <= 0) return 1;
  if (x >= 1) return 0;
  return bm::ibetac(a, b, x, k_quiet);
}
double beta_quantile(double p, double a, double b) {
  check_positive(a);
  check_positive(b);
  check_probability(p);
  if (std::isnan(p)) return k_nan;
  if (p == 0 || p == 1) return p;
  return bm::ibeta_inv(a, b, p, k_quiet);
}

double gamma_cdf(double x, double shape, double scale) {
  check_positive(shape);
  check_positive(scale);
  if (!(x > 0)) return std::isnan(x) ? k_nan : 0;
  if (std::isinf(x)) return 1;
  return bm::gamma_p(shape, x / scale, k_quiet);
}
double gamma_survival(double x, double shape, double scale) {
  check_positive(shape);
  check_positive(scale);
  if (!(x > 0)) return std::isnan(x) ? k_nan : 1;
  if (std::isinf(x)) return 0;
  return bm::gamma_q(shape, x / scale, k_quiet);
}
double gamma_quantile(double p, double shape, double scale) {
  check_positive(shape);
  check_positive(scale);
  check_probability(p);
  if (std::isnan(p)) return k_nan;
  if (p == 0) return 0;
  if (p == 1) return k_infinity;
  return scale * bm::gamma_p_inv(shape, p, k_quiet);
}

double exponential_cdf(double x, double mean) {
  check_positive(mean);
  return x <= 0 ? 0 : -std::expm1(-x / mean);
}
double exponential_survival(double x, double mean) {
  check_positive(mean);
  return x <= 0 ? 1 : std::exp(-x / mean);
}
double exponential_quantile(double p, double mean) {
  check_positive(mean);
  check_probability(p);
  return -mean * std::log1p(-p);
}

double lognormal_cdf(double x, double log_mean, double log_stddev) {
  check_positive(log_stddev);
  return x <= 0 ? 0 : normal_cdf((std::log(x) - log_mean) / log_stddev);
}
double lognormal_survival(double x, double log_mean, double log_stddev) {
  check_positive(log_stddev);
  return x <= 0 ? 1 : normal_survival((std::log(x) - log_mean) / log_stddev);
}
double lognormal_quantile(double p, double log_mean, double log_stddev) {
  check_positive(log_stddev);
  return std::exp(log_mean + log_stddev * normal_quantile(p));
}

double uniform_cdf(double x, double low, double high) {
  CHECK(low < high, "{} against {}", low, high);
  if (std::isnan(x)) return k_nan;
  return x <= low ? 0 : x >= high ? 1 : (x - low) / (high - low);
}
double uniform_survival(double x, double low, double high) {
  CHECK(low < high, "{} against {}", low, high);
  if (std::isnan(x)) return k_nan;
  return x <= low ? 1 : x >= high ? 0 : (high - x) / (high - low);
}
double uniform_quantile(double p, double low, double high) {
  check_probability(p);
  return low + p * (high - low);
}

double binomial_mass(std::int64_t k, std::int64_t trials, double probability) {
  check_probability(probability);
  CHECK(trials >= 0, "{} trials", trials);
  if (k < 0 || k > trials) return 0;
  if (probability == 0) return k == 0 ? 1 : 0;
  if (probability == 1) return k == trials ? 1 : 0;
  const auto n = static_cast<double>(trials);
  const auto x = static_cast<double>(k);
  if (k == 0) return std::exp(n * std::log1p(-probability));
  if (k == trials) return std::exp(n * std::log(probability));
  const double exponent = stirling_error(n) - stirling_error(x) - stirling_error(n - x) - deviance(x, n * probability) -
                          deviance(n - x, n * (1 - probability));
  return std::exp(exponent) * std::sqrt(n / (2 * std::numbers::pi * x * (n - x)));
}
double binomial_cdf(std::int64_t k, std::int64_t trials, double probability) {
  check_probability(probability);
  if (k < 0) return 0;
  if (k >= trials) return 1;
  return beta_survival(probability, static_cast<double>(k + 1), static_cast<double>(trials - k));
}
double binomial_survival(std::int64_t k, std::int64_t trials, double probability) {
  check_probability(probability);
  if (k < 0) return 1;
  if (k >= trials) return 0;
  return beta_cdf(probability, static_cast<double>(k + 1), static_cast<double>(trials - k));
}
std::int64_t binomial_quantile(double p, std::int64_t trials, double probability) {
  check_probability(p);
  return discrete_quantile(p, 0, trials, [&](std::int64_t k) { return binomial_cdf(k, trials, probability); });
}

double poisson_mass(std::int64_t k, double mean) {
  CHECK(mean >= 0, "mean {}", mean);
  if (k < 0) return 0;
  if (mean == 0) return k == 0 ? 1 : 0;
  if (k == 0) return std::exp(-mean);
  const auto x = static_cast<double>(k);
  return std::exp(-stirling_error(x) - deviance(x, mean)) / std::sqrt(2 * std::numbers::pi * x);
}
double poisson_cdf(std::int64_t k, double mean) {
  CHECK(mean >= 0, "mean {}", mean);
  if (k < 0) return 0;
  if (mean == 0) return 1;
  return gamma_survival(mean, static_cast<double>(k + 1), 1);
}
double poisson_survival(std::int64_t k, double mean) {
  CHECK(mean >= 0, "mean {}", mean);
  if (k < 0) return 1;
  if (mean == 0) return 0;
  return gamma_cdf(mean, static_cast<double>(k + 1), 1);
}
std::int64_t poisson_quantile(double p, double mean) {
  CHECK(p >= 0 && p < 1, "probability {}", p);
  std::int64_t high = 1 + static_cast<std::int64_t>(mean);
  while (poisson_cdf(high, mean) < p) high *= 2;
  return discrete_quantile(p, 0, high, [&](std::int64_t k) { return poisson_cdf(k, mean); });
}

double hypergeometric_mass(std::int64_t k, std::int64_t drawn, std::int64_t successes, std::int64_t failures) {
  CHECK(drawn >= 0 && drawn <= successes + failures && successes >= 0 && failures >= 0, "{} of {} + {}", drawn, successes, failures);
  if (k < std::max<std::int64_t>(0, drawn - failures) || k > std::min(drawn, successes)) return 0;
  const std::int64_t total = successes + failures;
  if (drawn == 0 || drawn == total) return 1;
  // A ratio of three binomial masses at the same probability keeps the digits that differences of log-gammas lose.
  const double p = static_cast<double>(drawn) / static_cast<double>(total);
  return binomial_mass(k, successes, p) * binomial_mass(drawn - k, failures, p) / binomial_mass(drawn, total, p);
}

double hypergeometric_cdf(std::int64_t k, std::int64_t drawn, std::int64_t successes, std::int64_t failures) {
  const std::int64_t least = std::max<std::int64_t>(0, drawn - failures);
  const std::int64_t most = std::min(drawn, successes);
  if (k < least) return 0;
  if (k >= most) return 1;
  const auto mode = static_cast<std::int64_t>((static_cast<double>(drawn) + 1) * (static_cast<double>(successes) + 1) /
                                              (static_cast<double>(successes) + static_cast<double>(failures) + 2));
  const bool below = k < mode;
  double sum = 0;
  double mass = hypergeometric_mass(below ? k : k + 1, drawn, successes, failures);
  // Masses fall away from the mode at least geometrically: what is left out is below the last digit.
  for (std::int64_t i = below ? k : k + 1; mass > sum * 1e-17; i += below ? -1 : 1) {
    sum += mass;
    const auto x = static_cast<double>(i);
    if (below) {
      if (i == least) break;
      mass *= x * (static_cast<double>(failures - drawn) + x) / ((static_cast<double>(successes) - x + 1) * (static_cast<double>(drawn) - x + 1));
    } else {
      if (i == most) break;
      mass *= (static_cast<double>(successes) - x) * (static_cast<double>(drawn) - x) / ((x + 1) * (static_cast<double>(failures - drawn) + x + 1));
    }
  }
  return std::min(1.0, below ? sum : 1 - sum);
}

double log_factorial(std::int64_t n) { return std::lgamma(static_cast<double>(n) + 1); }
double log_choose(std::int64_t n, std::int64_t k) {
  if (k < 0 || k > n) return -k_infinity;
  return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

}  // namespace cupel::stats
