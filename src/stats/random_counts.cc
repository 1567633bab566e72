#include "stats/random_counts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/invariant.h"
#include "stats/distributions.h"

namespace cupel::stats {
namespace {

std::int64_t binomial_by_inversion(Random& random, std::int64_t trials, double p) {
  // Gaps between successes are geometric: trials * p + 1 logarithms are expected.
  const double log_failure = std::log1p(-p);
  std::int64_t successes = 0;
  double used = 0;
  for (;;) {
    used += std::floor(std::log(1.0 - random.uniform()) / log_failure) + 1;
    if (used > static_cast<double>(trials)) return successes;
    ++successes;
  }
}

/// The tail of Stirling's series for log k!, k >= 0.
double stirling_tail(double k) {
  static constexpr double k_table[] = {0.0810614667953272,  0.0413406959554092,  0.0276779256849983,  0.02079067210376509, 0.0166446911898211,
                                       0.0138761288230707,  0.0118967099458917,  0.0104112652619720,  0.00925546218271273, 0.00833056343336287};
  if (k <= 9) return k_table[static_cast<int>(k)];
  const double kp1sq = (k + 1) * (k + 1);
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / kp1sq) / kp1sq) / (k + 1);
}

std::int64_t binomial_by_rejection(Random& random, std::int64_t trials, double p) {
  const auto n = static_cast<double>(trials);
  const double spq = std::sqrt(n * p * (1 - p));
  const double b = 1.15 + 2.53 * spq;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double c = n * p + 0.5;
  const double v_r = 0.92 - 4.2 / b;
  const double alpha = (2.83 + 5.1 / b) * spq;
  const double m = std::floor((n + 1) * p);
  const double r = p / (1 - p);
  for (;;) {
    const double u = random.uniform() - 0.5;
    double v = 1.0 - random.uniform();
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + c);
    if (us >= 0.07 && v <= v_r) return static_cast<std::int64_t>(k);
    if (k < 0 || k > n) continue;
    v = std::log(v * alpha / (a / (us * us) + b));
    const double bound = (m + 0.5) * std::log((m + 1) / (r * (n - m + 1))) + stirling_tail(m) + stirling_tail(n - m) +
                         (n + 1) * std::log((n - m + 1) / (n - k + 1)) + (k + 0.5) * std::log(r * (n - k + 1) / (k + 1)) -
                         stirling_tail(k) - stirling_tail(n - k);
    if (v <= bound) return static_cast<std::int64_t>(k);
  }
}

}  // namespace

std::int64_t random_binomial(Random& random, std::int64_t trials, double probability) {
  if (trials <= 0 || probability <= 0) return 0;
  if (probability >= 1) return trials;
  if (probability > 0.5) return trials - random_binomial(random, trials, 1 - probability);
  if (static_cast<double>(trials) * probability < 10) return binomial_by_inversion(random, trials, probability);
  return binomial_by_rejection(random, trials, probability);
}

void random_multinomial(Random& random, std::int64_t total, std::span<const double> shares, std::span<std::int64_t> counts) {
  double rest = std::accumulate(shares.begin(), shares.end(), 0.0);
  std::int64_t left = total;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const bool last = i + 1 == shares.size();
    counts[i] = last ? left : rest <= 0 ? 0 : random_binomial(random, left, std::min(1.0, shares[i] / rest));
    left -= counts[i];
    rest -= shares[i];
  }
}

std::int64_t random_hypergeometric(Random& random, std::int64_t drawn, std::int64_t successes, std::int64_t failures) {
  const std::int64_t low = std::max<std::int64_t>(0, drawn - failures);
  const std::int64_t high = std::min(drawn, successes);
  if (low >= high) return low;
  const auto n = static_cast<double>(drawn);
  const auto s = static_cast<double>(successes);
  const auto f = static_cast<double>(failures);
  const auto mode = std::clamp(static_cast<std::int64_t>((n + 1) * (s + 1) / (s + f + 2)), low, high);
  const double at_mode = hypergeometric_mass(mode, drawn, successes, failures);
  // Walks outwards from the mode, the nearer side first, and subtracts masses until the uniform is used up.
  double rest = random.uniform() - at_mode;
  if (rest < 0) return mode;
  std::int64_t down = mode;
  std::int64_t up = mode;
  double mass_down = at_mode;
  double mass_up = at_mode;
  while (down > low || up < high) {
    if (up < high) {
      const auto k = static_cast<double>(up++);
      mass_up *= (s - k) * (n - k) / ((k + 1) * (f - n + k + 1));
      rest -= mass_up;
      if (rest < 0) return up;
    }
    if (down > low) {
      const auto k = static_cast<double>(down--);
      mass_down *= k * (f - n + k) / ((s - k + 1) * (n - k + 1));
      rest -= mass_down;
      if (rest < 0) return down;
    }
  }
  return mode;  // the masses add up to 1 but for rounding
}

void random_subset_counts(Random& random, std::int64_t drawn, std::span<const std::int64_t> available, std::span<std::int64_t> taken) {
  std::int64_t rest = std::accumulate(available.begin(), available.end(), std::int64_t{0});
  CHECK(drawn <= rest, "{} of {}", drawn, rest);
  for (std::size_t i = 0; i < available.size(); ++i) {
    rest -= available[i];
    taken[i] = random_hypergeometric(random, drawn, available[i], rest);
    drawn -= taken[i];
  }
}

void random_table(Random& random, std::span<const std::int64_t> rows, std::span<const std::int64_t> columns,
                  std::span<std::int64_t> table) {
  std::vector<std::int64_t> left(columns.begin(), columns.end());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto row = table.subspan(r * columns.size(), columns.size());
    random_subset_counts(random, rows[r], left, row);
    for (std::size_t c = 0; c < columns.size(); ++c) left[c] -= row[c];
  }
}

std::int64_t random_poisson(Random& random, double mean) {
  std::int64_t count = 0;
  while (mean > 30) {
    // The time of the m-th event is gamma distributed; what is left before or after it is again Poisson or binomial.
    const auto m = static_cast<std::int64_t>(mean * 0.875);
    const double time = random_gamma(random, static_cast<double>(m));
    if (time > mean) return count + random_binomial(random, m - 1, mean / time);
    count += m;
    mean -= time;
  }
  double product = 1.0 - random.uniform();
  const double limit = std::exp(-mean);
  while (product > limit) {
    ++count;
    product *= 1.0 - random.uniform();
  }
  return count;
}

double random_gamma(Random& random, double shape) {
  CHECK(shape > 0, "shape {}", shape);
  if (shape < 1) return random_gamma(random, shape + 1) * std::pow(1.0 - random.uniform(), 1 / shape);
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = random.normal();
    const double v = (1 + c * x) * (1 + c * x) * (1 + c * x);
    if (v <= 0) continue;
    const double u = 1.0 - random.uniform();
    if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

}  // namespace cupel::stats
