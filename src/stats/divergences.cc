#include "stats/divergences.h"

#include <algorithm>
#include <boost/math/special_functions/bessel.hpp>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include "base/invariant.h"

namespace cupel::stats {
namespace {

std::vector<double> smoothed_shares(std::span<const std::int64_t> counts, double smoothing) {
  std::vector<double> shares(counts.begin(), counts.end());
  for (double& share : shares) share += smoothing;
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  CHECK(sum > 0, "{} categories without a row", counts.size());
  for (double& share : shares) share /= sum;
  return shares;
}

/// Calls step(width, difference of the distribution functions) for each stretch between neighbouring pooled values.
template <typename Step>
void walk(std::span<const double> x, std::span<const double> y, Step step) {
  CHECK(!x.empty() && !y.empty(), "{} and {} values", x.size(), y.size());
  std::size_t i = 0;
  std::size_t j = 0;
  double value = std::min(x[0], y[0]);
  while (i < x.size() || j < y.size()) {
    while (i < x.size() && x[i] == value) ++i;
    while (j < y.size() && y[j] == value) ++j;
    if (i == x.size() && j == y.size()) return;
    const double next = i == x.size() ? y[j] : j == y.size() ? x[i] : std::min(x[i], y[j]);
    step(next - value, static_cast<double>(i) / static_cast<double>(x.size()) - static_cast<double>(j) / static_cast<double>(y.size()));
    value = next;
  }
}

/// The limit distribution of the Cramér-von Mises statistic (Csörgö and Faraway 1996, equation 1.2).
double cramer_von_mises_cdf(double x) {
  if (x <= 0) return 0;
  if (x > 20) return 1;
  double sum = 0;
  for (int k = 0; k < 30; ++k) {
    const double u = std::tgamma(k + 0.5) / (std::pow(std::numbers::pi, 1.5) * std::tgamma(k + 1.0));
    const double y = 4.0 * k + 1;
    const double q = y * y / (16 * x);
    if (q > 700) break;
    sum += u * std::sqrt(y) * std::exp(-q) * boost::math::cyl_bessel_k(0.25, q);
  }
  return std::clamp(sum / std::sqrt(x), 0.0, 1.0);
}

}  // namespace

StabilityIndex population_stability_index(std::span<const std::int64_t> reference, std::span<const std::int64_t> current,
                                          double smoothing) {
  CHECK(reference.size() == current.size(), "{} against {} categories", reference.size(), current.size());
  bool empty = false;
  double categories = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    empty |= (reference[i] == 0) != (current[i] == 0);
    categories += reference[i] + current[i] > 0 ? 1 : 0;
  }
  const std::vector<double> p = smoothed_shares(reference, empty ? smoothing : 0);
  const std::vector<double> q = smoothed_shares(current, empty ? smoothing : 0);
  StabilityIndex index;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (reference[i] + current[i] > 0) index.value += (p[i] - q[i]) * std::log(p[i] / q[i]);
  }
  const auto n = static_cast<double>(std::accumulate(reference.begin(), reference.end(), std::int64_t{0}));
  const auto m = static_cast<double>(std::accumulate(current.begin(), current.end(), std::int64_t{0}));
  index.debiased = std::max(0.0, index.value - (categories - 1) * (1 / n + 1 / m));
  return index;
}

double kullback_leibler(std::span<const double> p, std::span<const double> q) {
  CHECK(p.size() == q.size(), "{} against {} categories", p.size(), q.size());
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] == 0) continue;
    if (q[i] == 0) return std::numeric_limits<double>::infinity();
    sum += p[i] * std::log(p[i] / q[i]);
  }
  return std::max(0.0, sum);
}

double jensen_shannon_distance(std::span<const double> p, std::span<const double> q) {
  CHECK(p.size() == q.size(), "{} against {} categories", p.size(), q.size());
  std::vector<double> middle(p.size());
  for (std::size_t i = 0; i < p.size(); ++i) middle[i] = (p[i] + q[i]) / 2;
  return std::sqrt((kullback_leibler(p, middle) + kullback_leibler(q, middle)) / 2);
}
double jensen_shannon_distance_base2(std::span<const double> p, std::span<const double> q) {
  return jensen_shannon_distance(p, q) / std::sqrt(std::numbers::ln2);
}

double hellinger(std::span<const double> p, std::span<const double> q) {
  CHECK(p.size() == q.size(), "{} against {} categories", p.size(), q.size());
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double difference = std::sqrt(p[i]) - std::sqrt(q[i]);
    sum += difference * difference;
  }
  return std::min(1.0, std::sqrt(sum / 2));
}

double wasserstein(std::span<const double> sorted_x, std::span<const double> sorted_y) {
  double area = 0;
  walk(sorted_x, sorted_y, [&](double width, double difference) { area += width * std::abs(difference); });
  return area;
}

double wasserstein(const Ascending& x, const Ascending& y) {
  CHECK(!x.empty() && !y.empty(), "{} and {} values", x.size(), y.size());
  double area = 0;
  std::int64_t i = 0;
  std::int64_t j = 0;
  double before = 0;
  for_each_pooled(x, y, [&](double value, std::int64_t of_x, std::int64_t of_y) {
    if (i + j > 0) area += (value - before) * std::abs(static_cast<double>(i) / static_cast<double>(x.size()) - static_cast<double>(j) / static_cast<double>(y.size()));
    i += of_x;
    j += of_y;
    before = value;
  });
  return area;
}

double energy_distance(std::span<const double> sorted_x, std::span<const double> sorted_y) {
  double area = 0;
  walk(sorted_x, sorted_y, [&](double width, double difference) { area += width * difference * difference; });
  return std::sqrt(2 * area);
}

CramerVonMises cramer_von_mises(std::span<const double> sorted_x, std::span<const double> sorted_y) {
  CHECK(!sorted_x.empty() && !sorted_y.empty(), "{} and {} values", sorted_x.size(), sorted_y.size());
  const auto n = static_cast<double>(sorted_x.size());
  const auto m = static_cast<double>(sorted_y.size());
  double u = 0;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < sorted_x.size() || j < sorted_y.size()) {
    const double value = j == sorted_y.size() || (i < sorted_x.size() && sorted_x[i] <= sorted_y[j]) ? sorted_x[i] : sorted_y[j];
    const std::size_t first_x = i;
    const std::size_t first_y = j;
    while (i < sorted_x.size() && sorted_x[i] == value) ++i;
    while (j < sorted_y.size() && sorted_y[j] == value) ++j;
    const double rank = (static_cast<double>(first_x + first_y) + 1 + static_cast<double>(i + j)) / 2;
    for (std::size_t k = first_x; k < i; ++k) u += n * (rank - static_cast<double>(k + 1)) * (rank - static_cast<double>(k + 1));
    for (std::size_t k = first_y; k < j; ++k) u += m * (rank - static_cast<double>(k + 1)) * (rank - static_cast<double>(k + 1));
  }
  const double total = n + m;
  CramerVonMises test;
  test.statistic = u / (n * m * total) - (4 * n * m - 1) / (6 * total);
  // Shifted and scaled to the limit's mean and variance (Anderson 1962), as scipy's asymptotic method.
  const double mean = (1 + 1 / total) / 6;
  const double variance = (total + 1) * (4 * m * n * total - 3 * (m * m + n * n) - 2 * m * n) / (45 * total * total * 4 * m * n);
  const double standardized = 1.0 / 6 + (test.statistic - mean) / std::sqrt(45 * variance);
  test.p_value = std::max(0.0, 1 - cramer_von_mises_cdf(standardized));
  return test;
}

}  // namespace cupel::stats
