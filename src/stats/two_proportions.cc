#include "stats/two_proportions.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/invariant.h"
#include "stats/distributions.h"
#include "stats/proportion.h"

namespace cupel::stats {
namespace {

double share_of(std::int64_t successes, std::int64_t n) {
  CHECK(0 <= successes && successes <= n, "{} of {}", successes, n);
  return n == 0 ? 0.5 : static_cast<double>(successes) / static_cast<double>(n);
}

double p_of(double z, Alternative alternative) {
  if (alternative == Alternative::greater) return normal_survival(z);
  if (alternative == Alternative::less) return normal_cdf(z);
  return std::min(1.0, 2 * normal_survival(std::abs(z)));
}

}  // namespace

Interval newcombe_difference(std::int64_t successes_a, std::int64_t n_a, std::int64_t successes_b, std::int64_t n_b, double confidence) {
  const double a = share_of(successes_a, n_a);
  const double b = share_of(successes_b, n_b);
  const Interval of_a = wilson(successes_a, n_a, confidence);
  const Interval of_b = wilson(successes_b, n_b, confidence);
  const double below = std::hypot(b - of_b.low, of_a.high - a);
  const double above = std::hypot(of_b.high - b, a - of_a.low);
  return {std::max(-1.0, b - a - below), std::min(1.0, b - a + above), confidence};
}

Interval wald_difference(std::int64_t successes_a, std::int64_t n_a, std::int64_t successes_b, std::int64_t n_b, double confidence,
                         Continuity continuity) {
  if (n_a == 0 || n_b == 0) return {-1, 1, confidence};
  const double a = share_of(successes_a, n_a);
  const double b = share_of(successes_b, n_b);
  const auto size_a = static_cast<double>(n_a);
  const auto size_b = static_cast<double>(n_b);
  double half = normal_quantile(1 - (1 - confidence) / 2) * std::sqrt(a * (1 - a) / size_a + b * (1 - b) / size_b);
  if (continuity == Continuity::corrected) half += std::min(0.5, std::abs(b - a) / (1 / size_a + 1 / size_b)) * (1 / size_a + 1 / size_b);
  return {std::max(-1.0, b - a - half), std::min(1.0, b - a + half), confidence};
}

TestResult two_proportion_test(std::int64_t successes_a, std::int64_t n_a, std::int64_t successes_b, std::int64_t n_b,
                               Alternative alternative, Continuity continuity) {
  TestResult test{0, std::numeric_limits<double>::infinity(), 1};
  const double difference = share_of(successes_b, n_b) - share_of(successes_a, n_a);
  if (n_a == 0 || n_b == 0) return test;
  const auto size_a = static_cast<double>(n_a);
  const auto size_b = static_cast<double>(n_b);
  const double pooled = static_cast<double>(successes_a + successes_b) / (size_a + size_b);
  const double error = std::sqrt(pooled * (1 - pooled) * (1 / size_a + 1 / size_b));
  if (error == 0) {
    if (alternative != Alternative::two_sided) test.p_value = 0.5;
    return test;
  }
  double distance = std::abs(difference);
  if (continuity == Continuity::corrected) distance = std::max(0.0, distance - 0.5 * (1 / size_a + 1 / size_b));
  test.statistic = std::copysign(distance / error, difference);
  test.p_value = p_of(test.statistic, alternative);
  return test;
}

TestResult several_proportions_test(std::span<const std::int64_t> successes, std::span<const std::int64_t> totals) {
  CHECK(successes.size() == totals.size(), "{} against {} groups", successes.size(), totals.size());
  double all = 0;
  double all_successes = 0;
  double groups = 0;
  for (std::size_t i = 0; i < totals.size(); ++i) {
    all += static_cast<double>(totals[i]);
    all_successes += static_cast<double>(successes[i]);
    groups += totals[i] > 0 ? 1 : 0;
  }
  TestResult test{0, std::max(0.0, groups - 1), 1};
  const double pooled = all > 0 ? all_successes / all : 0;
  if (test.degrees_of_freedom == 0 || pooled == 0 || pooled == 1) return test;
  for (std::size_t i = 0; i < totals.size(); ++i) {
    const auto n = static_cast<double>(totals[i]);
    if (n == 0) continue;
    const double difference = static_cast<double>(successes[i]) - n * pooled;
    test.statistic += difference * difference / (n * pooled * (1 - pooled));
  }
  test.p_value = chi_square_survival(test.statistic, test.degrees_of_freedom);
  return test;
}

double fisher_exact(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d, Alternative alternative) {
  CHECK(a >= 0 && b >= 0 && c >= 0 && d >= 0, "{} {} {} {}", a, b, c, d);
  const std::int64_t drawn = a + b;
  const std::int64_t successes = a + c;
  const std::int64_t failures = b + d;
  const std::int64_t low = std::max<std::int64_t>(0, drawn - failures);
  const std::int64_t high = std::min(drawn, successes);
  constexpr double k_tie = 1 + 1e-7;  // equal masses differ by rounding
  const double mass = hypergeometric_mass(a, drawn, successes, failures) * k_tie;
  double p = 0;
  for (std::int64_t k = low; k <= high; ++k) {
    const double at_k = hypergeometric_mass(k, drawn, successes, failures);
    const bool extreme = alternative == Alternative::two_sided ? at_k <= mass : alternative == Alternative::greater ? k >= a : k <= a;
    if (extreme) p += at_k;
  }
  return std::min(1.0, p);
}

}  // namespace cupel::stats
