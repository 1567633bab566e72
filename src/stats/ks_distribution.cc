#include "stats/ks_distribution.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/invariant.h"
#include "stats/distributions.h"

namespace cupel::stats {
namespace {

constexpr double k_pi = std::numbers::pi;
constexpr std::int64_t k_largest_matrix_n = 140;
constexpr double k_largest_sum_n = 1e5;

using Matrix = std::vector<double>;

void multiply(const Matrix& a, const Matrix& b, Matrix& c, std::size_t m) {
  std::fill(c.begin(), c.end(), 0.0);
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t k = 0; k < m; ++k) {
      const double factor = a[i * m + k];
      if (factor == 0) continue;
      for (std::size_t j = 0; j < m; ++j) c[i * m + j] += factor * b[k * m + j];
    }
  }
}

void rescale(Matrix& v, int& exponent) {
  constexpr double k_large = 1e140;
  constexpr double k_small = 1e-140;
  const double largest = *std::max_element(v.begin(), v.end());
  if (largest > k_large) {
    for (double& x : v) x *= k_small;
    exponent += 140;
  } else if (largest < k_small) {
    for (double& x : v) x *= k_large;
    exponent -= 140;
  }
}

/// Marsaglia, Tsang and Wang, "Evaluating Kolmogorov's distribution", J. Stat. Soft. 8 (2003): an entry of the n-th power of a matrix.
double cdf_by_matrix(std::int64_t n, double d) {
  const auto size = static_cast<double>(n);
  const auto k = static_cast<std::size_t>(size * d) + 1;
  const std::size_t m = 2 * k - 1;
  const double h = static_cast<double>(k) - size * d;
  Matrix power(m * m);
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < m; ++j) power[i * m + j] = i + 1 >= j ? 1 : 0;
  }
  for (std::size_t i = 0; i < m; ++i) {
    power[i * m] -= std::pow(h, static_cast<double>(i + 1));
    power[(m - 1) * m + i] -= std::pow(h, static_cast<double>(m - i));
  }
  if (2 * h > 1) power[(m - 1) * m] += std::pow(2 * h - 1, static_cast<double>(m));
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j <= std::min(i, m - 1); ++j) {
      for (std::size_t g = 1; g <= i - j + 1; ++g) power[i * m + j] /= static_cast<double>(g);
    }
  }
  Matrix result(m * m);
  for (std::size_t i = 0; i < m; ++i) result[i * m + i] = 1;
  Matrix scratch(m * m);
  int result_exponent = 0;
  int power_exponent = 0;
  for (std::int64_t e = n; e > 0; e >>= 1) {
    if (e & 1) {
      multiply(result, power, scratch, m);
      result.swap(scratch);
      result_exponent += power_exponent;
      rescale(result, result_exponent);
    }
    multiply(power, power, scratch, m);
    power.swap(scratch);
    power_exponent *= 2;
    rescale(power, power_exponent);
  }
  double s = result[(k - 1) * m + k - 1];
  for (std::int64_t i = 1; i <= n; ++i) {
    s = s * static_cast<double>(i) / size;
    if (s < 1e-140) {
      s *= 1e140;
      result_exponent -= 140;
    }
  }
  return std::clamp(s * std::pow(10.0, result_exponent), 0.0, 1.0);
}

/// P(D_n^+ >= d), one-sided (Birnbaum and Tingey 1951): all terms are positive. Beyond 1e5 Maag and Dicaire's corrected limit.
double one_sided_survival(std::int64_t n, double d) {
  const auto size = static_cast<double>(n);
  if (size > k_largest_sum_n) {
    const double t = 6 * size * d + 1;
    return std::exp(-t * t / (18 * size));
  }
  const auto last = static_cast<std::int64_t>(std::floor(size * (1 - d)));
  double sum = 0;
  for (std::int64_t j = 0; j <= last; ++j) {
    const auto x = static_cast<double>(j);
    const double rest = 1 - d - x / size;
    if (rest <= 0 && j < n) continue;
    const double log_rest = j < n ? (size - x) * std::log(rest) : 0;
    sum += std::exp(log_choose(n, j) + (x - 1) * std::log(d + x / size) + log_rest);
  }
  return std::min(1.0, d * sum);
}

/// Pelz and Good 1976: Kolmogorov's limit with three correction terms in 1/sqrt(n).
double cdf_by_expansion(std::int64_t n, double d) {
  const auto size = static_cast<double>(n);
  const double z = std::sqrt(size) * d;
  const double z2 = z * z;
  const double z4 = z2 * z2;
  const double z6 = z4 * z2;
  const double pi2 = k_pi * k_pi;
  const double pi4 = pi2 * pi2;
  const double pi6 = pi4 * pi2;
  double k0 = 0;
  double k1 = 0;
  double k2_half = 0;
  double k2_whole = 0;
  double k3_half = 0;
  double k3_whole = 0;
  for (int i = 0; i < 60; ++i) {
    const double h = i + 0.5;
    const double h2 = h * h;
    const double w = std::exp(-h2 * pi2 / (2 * z2));
    k0 += w;
    k1 += (pi2 * h2 - z2) * w;
    k2_half += (6 * z6 + 2 * z4 + pi2 * (2 * z4 - 5 * z2) * h2 + pi4 * (1 - 2 * z2) * h2 * h2) * w;
    k3_half += (-30 * z6 - 90 * z6 * z2 + pi2 * (135 * z4 - 96 * z6) * h2 + pi4 * (212 * z4 - 60 * z2) * h2 * h2 +
                pi6 * h2 * h2 * h2 * (5 - 30 * z2)) * w;
    const double g2 = static_cast<double>(i) * i;
    const double u = std::exp(-g2 * pi2 / (2 * z2));
    k2_whole += pi2 * g2 * u;
    k3_whole += (3 * pi2 * g2 * z2 - pi4 * g2 * g2) * u;
  }
  const double root = std::sqrt(2 * k_pi);
  const double half_root = std::sqrt(k_pi / 2);
  double p = root / z * k0;
  p += half_root / (3 * z4) * k1 / std::sqrt(size);
  p += (half_root / (36 * z6 * z) * k2_half - half_root / (18 * z2 * z) * k2_whole) / size;
  p += (half_root / (3240 * z6 * z4) * k3_half + half_root / (108 * z6) * k3_whole) / (size * std::sqrt(size));
  return std::clamp(p, 0.0, 1.0);
}

}  // namespace

double kolmogorov_survival(double t) {
  if (t <= 0) return 1;
  if (t < 1.18) {  // the theta function's other form converges fast here
    double sum = 0;
    for (int i = 1; i < 20; i += 2) sum += std::exp(-i * i * k_pi * k_pi / (8 * t * t));
    return std::clamp(1 - std::sqrt(2 * k_pi) / t * sum, 0.0, 1.0);
  }
  double sum = 0;
  for (int i = 1; i <= 20; ++i) sum += (i % 2 == 1 ? 1 : -1) * std::exp(-2.0 * i * i * t * t);
  return std::clamp(2 * sum, 0.0, 1.0);
}

double ks_survival(std::int64_t n, double d) {
  CHECK(n > 0, "n {}", n);
  const auto size = static_cast<double>(n);
  const double t = size * d;
  if (d >= 1) return 0;
  if (t <= 0.5) return 1;
  if (t <= 1) return 1 - std::exp(log_factorial(n) + size * std::log((2 * t - 1) / size));
  if (t >= size - 1) return 2 * std::pow(1 - d, size);
  const double t_d = t * d;
  // Twice the one-sided tail is exact from 1/2 on and off by less than 1e-10 of itself where D_n is this unlikely.
  if (d >= 0.5 || t_d > 4 || (n > k_largest_matrix_n && t_d >= 2.2)) return std::min(1.0, 2 * one_sided_survival(n, d));
  if (n <= k_largest_matrix_n) return 1 - cdf_by_matrix(n, d);
  return 1 - cdf_by_expansion(n, d);
}

double ks_cdf(std::int64_t n, double d) {
  CHECK(n > 0, "n {}", n);
  const double t = static_cast<double>(n) * d;
  if (t > 1 && d < 0.5 && t * d <= 2.2) return n <= k_largest_matrix_n ? cdf_by_matrix(n, d) : cdf_by_expansion(n, d);
  if (t > 0.5 && t <= 1) return std::exp(log_factorial(n) + static_cast<double>(n) * std::log((2 * t - 1) / static_cast<double>(n)));
  return 1 - ks_survival(n, d);
}

double ks_quantile(double p, std::int64_t n) {
  CHECK(p >= 0 && p <= 1, "probability {}", p);
  // Regula falsi with the Illinois rule: some 8 evaluations, each a matrix power for small n.
  double low = 0.5 / static_cast<double>(n);
  double high = 1;
  if (p == 0) return low;
  if (p == 1) return high;
  const double guess = std::sqrt(-std::log((1 - p) / 2) / 2 / static_cast<double>(n));
  if (guess > low && guess < high) (ks_cdf(n, guess) < p ? low : high) = guess;
  double at_low = ks_cdf(n, low) - p;
  double at_high = ks_cdf(n, high) - p;
  int side = 0;
  for (int step = 0; step < 100 && high - low > 1e-10 * high; ++step) {
    const double middle = (low * at_high - high * at_low) / (at_high - at_low);
    const double value = ks_cdf(n, middle) - p;
    if (std::abs(value) < 1e-11) return middle;
    if (value < 0) {
      low = middle;
      at_low = value;
      if (side == -1) at_high /= 2;
      side = -1;
    } else {
      high = middle;
      at_high = value;
      if (side == 1) at_low /= 2;
      side = 1;
    }
  }
  return low + (high - low) / 2;
}

}  // namespace cupel::stats
