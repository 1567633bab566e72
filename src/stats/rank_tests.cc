#include "stats/rank_tests.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/invariant.h"
#include "stats/distributions.h"

namespace cupel::stats {
namespace {

constexpr std::size_t k_exact_pairs = 10'000;
constexpr std::size_t k_exact_differences = 50;

/// P(U <= u) with all splits of n + m values equally likely: u[i][j] counts by the standard recursion, kept as probabilities.
double mann_whitney_cdf(std::size_t n, std::size_t m, std::size_t u) {
  // Probabilities of the generating function prod (1 - q^(m+i)) / (1 - q^i): multiply and divide term by term.
  std::vector<double> counts(n * m + 1);
  counts[0] = 1;
  for (std::size_t i = 1; i <= n; ++i) {
    for (std::size_t k = n * m; k >= m + i; --k) counts[k] -= counts[k - m - i];
    for (std::size_t k = i; k <= n * m; ++k) counts[k] += counts[k - i];
    const double scale = static_cast<double>(i) / static_cast<double>(m + i);
    for (double& count : counts) count *= scale;
  }
  double sum = 0;
  for (std::size_t k = 0; k <= std::min(u, n * m); ++k) sum += counts[k];
  return std::clamp(sum, 0.0, 1.0);
}

/// P(W <= w) over all signs of ranks 1..n.
double signed_rank_cdf(std::size_t n, double w) {
  std::vector<double> mass(n * (n + 1) / 2 + 1);
  mass[0] = 1;
  std::size_t top = 0;
  for (std::size_t rank = 1; rank <= n; ++rank) {
    top += rank;
    for (std::size_t k = top + 1; k-- > 0;) mass[k] = (mass[k] + (k >= rank ? mass[k - rank] : 0)) / 2;
  }
  double sum = 0;
  for (std::size_t k = 0; k < mass.size() && static_cast<double>(k) <= w; ++k) sum += mass[k];
  return std::min(1.0, sum);
}

double limit_p(double distance, double variance) {
  return variance > 0 ? std::min(1.0, 2 * normal_survival(std::max(0.0, distance - 0.5) / std::sqrt(variance))) : 1;
}

}  // namespace

RankTest mann_whitney(std::span<const double> x, std::span<const double> y) {
  RankTest test;
  if (x.empty() || y.empty()) return test;
  CHECK(std::is_sorted(x.begin(), x.end()) && std::is_sorted(y.begin(), y.end()), "samples of {} and {} are not sorted", x.size(), y.size());
  double tie_sum = 0;
  bool ties = false;
  for (std::size_t i = 0, j = 0; i < x.size() || j < y.size();) {
    const double value = j == y.size() || (i < x.size() && x[i] <= y[j]) ? x[i] : y[j];
    const std::size_t below = j;
    double from_x = 0;
    for (; i < x.size() && x[i] == value; ++i) ++from_x;
    while (j < y.size() && y[j] == value) ++j;
    const auto from_y = static_cast<double>(j - below);
    test.statistic += from_x * (static_cast<double>(below) + from_y / 2);
    const double tied = from_x + from_y;
    tie_sum += tied * tied * tied - tied;
    ties |= tied > 1;
  }
  const auto n = static_cast<double>(x.size());
  const auto m = static_cast<double>(y.size());
  test.cliffs_delta = 2 * test.statistic / (n * m) - 1;
  const double smaller = std::min(test.statistic, n * m - test.statistic);
  if (!ties && x.size() * y.size() <= k_exact_pairs) {
    test.p_value = std::min(1.0, 2 * mann_whitney_cdf(x.size(), y.size(), static_cast<std::size_t>(smaller)));
    return test;
  }
  test.method = PValueMethod::asymptotic;
  const double total = n + m;
  const double variance = n * m / 12 * (total + 1 - tie_sum / (total * (total - 1)));
  test.p_value = limit_p(n * m / 2 - smaller, variance);
  return test;
}

RankTest wilcoxon_signed_rank(std::span<const double> differences) {
  std::vector<double> left;
  for (const double d : differences) {
    if (d != 0) left.push_back(d);
  }
  RankTest test;
  if (left.empty()) return test;
  std::sort(left.begin(), left.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  double tie_sum = 0;
  bool ties = false;
  for (std::size_t begin = 0, end = 0; begin < left.size(); begin = end) {
    double positive = 0;
    for (end = begin; end < left.size() && std::abs(left[end]) == std::abs(left[begin]); ++end) positive += left[end] > 0 ? 1 : 0;
    const auto tied = static_cast<double>(end - begin);
    test.statistic += positive * static_cast<double>(begin + 1 + end) / 2;
    tie_sum += tied * tied * tied - tied;
    ties |= tied > 1;
  }
  const auto n = static_cast<double>(left.size());
  const double all = n * (n + 1) / 2;
  test.cliffs_delta = 2 * test.statistic / all - 1;
  const double smaller = std::min(test.statistic, all - test.statistic);
  if (!ties && left.size() <= k_exact_differences) {
    test.p_value = std::min(1.0, 2 * signed_rank_cdf(left.size(), smaller));
    return test;
  }
  test.method = PValueMethod::asymptotic;
  test.p_value = limit_p(all / 2 - smaller, n * (n + 1) * (2 * n + 1) / 24 - tie_sum / 48);
  return test;
}

}  // namespace cupel::stats
