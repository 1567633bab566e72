#include "stats/proportion.h"

#include <algorithm>
#include <cmath>

#include "base/invariant.h"
#include "stats/distributions.h"

namespace cupel::stats {
namespace {

void check_counts(std::int64_t successes, std::int64_t n, double confidence) {
  CHECK(0 <= successes && successes <= n, "{} of {}", successes, n);
  CHECK(confidence > 0 && confidence < 1, "confidence {}", confidence);
}

}  // namespace

Interval wilson(std::int64_t successes, std::int64_t n, double confidence) {
  check_counts(successes, n, confidence);
  if (n == 0) return {0, 1, confidence};
  const double z = normal_quantile(1 - (1 - confidence) / 2);
  const auto size = static_cast<double>(n);
  const double p = static_cast<double>(successes) / size;
  const double z2 = z * z;
  const double center = (p + z2 / (2 * size)) / (1 + z2 / size);
  const double half = z / (1 + z2 / size) * std::sqrt(p * (1 - p) / size + z2 / (4 * size * size));
  return {successes == 0 ? 0 : std::max(0.0, center - half), successes == n ? 1 : std::min(1.0, center + half), confidence};
}

double clopper_pearson_lower(std::int64_t successes, std::int64_t n, double confidence) {
  check_counts(successes, n, confidence);
  if (successes == 0) return 0;
  return beta_quantile(1 - confidence, static_cast<double>(successes), static_cast<double>(n - successes + 1));
}

double clopper_pearson_upper(std::int64_t successes, std::int64_t n, double confidence) {
  check_counts(successes, n, confidence);
  if (successes == n) return 1;
  return beta_quantile(confidence, static_cast<double>(successes + 1), static_cast<double>(n - successes));
}

Interval clopper_pearson(std::int64_t successes, std::int64_t n, double confidence) {
  const double each = 1 - (1 - confidence) / 2;
  return {clopper_pearson_lower(successes, n, each), clopper_pearson_upper(successes, n, each), confidence};
}

Interval jeffreys(std::int64_t successes, std::int64_t n, double confidence) {
  check_counts(successes, n, confidence);
  const double a = static_cast<double>(successes) + 0.5;
  const double b = static_cast<double>(n - successes) + 0.5;
  const double tail = (1 - confidence) / 2;
  return {successes == 0 ? 0 : beta_quantile(tail, a, b), successes == n ? 1 : beta_quantile(1 - tail, a, b), confidence};
}

double binomial_test(std::int64_t successes, std::int64_t n, double share, Alternative alternative) {
  CHECK(0 <= successes && successes <= n && share >= 0 && share <= 1, "{} of {} at {}", successes, n, share);
  if (n == 0) return 1;
  if (alternative == Alternative::less) return binomial_cdf(successes, n, share);
  if (alternative == Alternative::greater) return binomial_survival(successes - 1, n, share);
  if (share == 0) return successes == 0 ? 1 : 0;
  if (share == 1) return successes == n ? 1 : 0;
  constexpr double k_tie = 1 + 1e-7;  // equal masses differ by rounding
  const double mass = binomial_mass(successes, n, share) * k_tie;
  const double expected = static_cast<double>(n) * share;
  const auto x = static_cast<double>(successes);
  if (x == expected) return 1;
  // The masses fall monotonically on the other side of the mode: the first that is small enough is found by halving.
  if (x < expected) {
    std::int64_t low = static_cast<std::int64_t>(std::ceil(expected));
    std::int64_t high = n + 1;
    while (low < high) {
      const std::int64_t middle = low + (high - low) / 2;
      if (binomial_mass(middle, n, share) <= mass) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return std::min(1.0, binomial_cdf(successes, n, share) + binomial_survival(low - 1, n, share));
  }
  std::int64_t low = -1;
  std::int64_t high = static_cast<std::int64_t>(std::floor(expected));
  while (low < high) {
    const std::int64_t middle = low + (high - low + 1) / 2;
    if (binomial_mass(middle, n, share) <= mass) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return std::min(1.0, binomial_cdf(low, n, share) + binomial_survival(successes - 1, n, share));
}

}  // namespace cupel::stats
