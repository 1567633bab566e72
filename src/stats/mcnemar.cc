#include "stats/mcnemar.h"

#include <algorithm>
#include <cmath>

#include "base/invariant.h"
#include "stats/distributions.h"
#include "stats/proportion.h"

namespace cupel::stats {

double PairedOutcomes::difference() const {
  return total() == 0 ? 0 : static_cast<double>(second_only - first_only) / static_cast<double>(total());
}

double mcnemar_exact(std::int64_t first_only, std::int64_t second_only) {
  CHECK(first_only >= 0 && second_only >= 0, "{} and {}", first_only, second_only);
  return std::min(1.0, 2 * binomial_cdf(std::min(first_only, second_only), first_only + second_only, 0.5));
}

double mcnemar_mid_p(std::int64_t first_only, std::int64_t second_only) {
  if (first_only == second_only) {
    // Both tails share the middle outcome: the plain formula would exceed 1 by its mass.
    return 1 - (first_only == 0 ? 0 : binomial_mass(first_only, 2 * first_only, 0.5) / 2);
  }
  const std::int64_t less = std::min(first_only, second_only);
  const std::int64_t n = first_only + second_only;
  return 2 * binomial_cdf(less, n, 0.5) - binomial_mass(less, n, 0.5);
}

TestResult mcnemar_asymptotic(std::int64_t first_only, std::int64_t second_only, Continuity continuity) {
  const auto b = static_cast<double>(first_only);
  const auto c = static_cast<double>(second_only);
  TestResult test{0, 1, 1};
  if (b + c == 0) return test;
  const double difference = std::max(0.0, std::abs(b - c) - (continuity == Continuity::corrected ? 1 : 0));
  test.statistic = difference * difference / (b + c);
  test.p_value = chi_square_survival(test.statistic, 1);
  return test;
}

Interval paired_difference(const PairedOutcomes& outcomes, double confidence) {
  const std::int64_t n = outcomes.total();
  if (n == 0) return {-1, 1, confidence};
  const auto size = static_cast<double>(n);
  const auto a = static_cast<double>(outcomes.both);
  const auto b = static_cast<double>(outcomes.first_only);
  const auto c = static_cast<double>(outcomes.second_only);
  const auto d = static_cast<double>(outcomes.neither);
  const double p1 = (a + b) / size;
  const double p2 = (a + c) / size;
  const Interval first = wilson(outcomes.both + outcomes.first_only, n, confidence);
  const Interval second = wilson(outcomes.both + outcomes.second_only, n, confidence);
  double phi = 0;
  const double margins = (a + b) * (c + d) * (a + c) * (b + d);
  if (margins > 0) {
    double numerator = a * d - b * c;
    if (numerator > size / 2) {
      numerator -= size / 2;
    } else if (numerator > 0) {
      numerator = 0;
    }
    phi = numerator / std::sqrt(margins);
  }
  const auto combined = [phi](double x, double y) { return std::sqrt(std::max(0.0, x * x - 2 * phi * x * y + y * y)); };
  const double below = combined(p2 - second.low, first.high - p1);
  const double above = combined(second.high - p2, p1 - first.low);
  return {std::max(-1.0, p2 - p1 - below), std::min(1.0, p2 - p1 + above), confidence};
}

}  // namespace cupel::stats
