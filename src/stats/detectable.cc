#include "stats/detectable.h"

#include <algorithm>
#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <cmath>

#include "base/invariant.h"
#include "stats/distributions.h"

namespace cupel::stats {
namespace {

double power_at(double noncentrality, double degrees_of_freedom, double critical) {
  return 1 - boost::math::cdf(boost::math::non_central_chi_squared(degrees_of_freedom, noncentrality), critical);
}

/// P(K > x) of Kolmogorov's distribution.
double kolmogorov_survival(double x) {
  double sum = 0;
  for (int k = 1; k <= 100; ++k) {
    const double term = std::exp(-2.0 * k * k * x * x);
    sum += k % 2 == 1 ? term : -term;
    if (term < 1e-18) break;
  }
  return std::clamp(2 * sum, 0.0, 1.0);
}

/// The point in [low, high] where a monotone function crosses `target`.
template <typename Function>
double bisect(double low, double high, double target, Function function) {
  const bool rising = function(high) > function(low);
  for (int step = 0; step < 200 && high - low > 1e-12 * high; ++step) {
    const double middle = (low + high) / 2;
    ((function(middle) < target) == rising ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

double detectable_total_variation(double num_rows, double degrees_of_freedom, double alpha, double power) {
  CHECK(alpha > 0 && alpha < 1 && power > 0 && power < 1, "alpha {} power {}", alpha, power);
  if (num_rows <= 0 || degrees_of_freedom <= 0) return 1;
  const double critical = chi_square_quantile(1 - alpha, degrees_of_freedom);
  double high = 1;
  while (power_at(high, degrees_of_freedom, critical) < power) high *= 2;
  const double noncentrality = bisect(0, high, power, [&](double value) { return power_at(value, degrees_of_freedom, critical); });
  return std::min(1.0, std::sqrt(noncentrality / num_rows) / 2);
}

double detectable_ks_distance(double num_rows, double alpha, double power) {
  CHECK(alpha > 0 && alpha < 1 && power > 0 && power < 1, "alpha {} power {}", alpha, power);
  if (num_rows <= 0) return 1;
  const double critical = bisect(0.3, 10, alpha, kolmogorov_survival);
  return std::min(1.0, (critical + normal_quantile(power) / 2) / std::sqrt(num_rows));
}

}  // namespace cupel::stats
