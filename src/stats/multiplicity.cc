#include "stats/multiplicity.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/invariant.h"

namespace cupel::stats {
namespace {

constexpr std::array<std::string_view, 6> k_names = {"none", "bonferroni", "holm", "hommel", "bh", "by"};

/// Holm: from the smallest p on, p times the hypotheses left, never below the one before.
void step_down(std::span<double> sorted) {
  double largest = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    largest = std::max(largest, std::min(1.0, sorted[i] * static_cast<double>(sorted.size() - i)));
    sorted[i] = largest;
  }
}

/// Benjamini-Hochberg: from the largest p down, p m / rank, never above the one before.
void step_up(std::span<double> sorted, double factor) {
  double smallest = 1;
  for (std::size_t i = sorted.size(); i-- > 0;) {
    smallest = std::min(smallest, sorted[i] * factor * static_cast<double>(sorted.size()) / static_cast<double>(i + 1));
    sorted[i] = smallest;
  }
}

/// Hommel 1988 in the closed form of Wright 1992 (the algorithm behind R's p.adjust).
void hommel(std::span<double> sorted) {
  const std::size_t n = sorted.size();
  const auto size = static_cast<double>(n);
  double first = 1;
  for (std::size_t i = 0; i < n; ++i) first = std::min(first, size * sorted[i] / static_cast<double>(i + 1));
  std::vector<double> q(n, first);
  std::vector<double> adjusted(n, first);
  for (std::size_t m = n - 1; m >= 2 && n > 2; --m) {
    const auto factor = static_cast<double>(m);
    double q1 = 1;
    for (std::size_t i = n - m + 1; i < n; ++i) q1 = std::min(q1, factor * sorted[i] / static_cast<double>(i - (n - m) + 1));
    for (std::size_t i = 0; i < n - m + 1; ++i) q[i] = std::min(factor * sorted[i], q1);
    for (std::size_t i = n - m + 1; i < n; ++i) q[i] = q[n - m];
    for (std::size_t i = 0; i < n; ++i) adjusted[i] = std::max(adjusted[i], q[i]);
  }
  for (std::size_t i = 0; i < n; ++i) sorted[i] = std::min(1.0, std::max(adjusted[i], sorted[i]));
}

}  // namespace

std::span<const std::string_view> correction_names() { return k_names; }

std::optional<Correction> correction_named(std::string_view name) {
  for (std::size_t i = 0; i < k_names.size(); ++i) {
    if (k_names[i] == name) return static_cast<Correction>(i);
  }
  return std::nullopt;
}

std::string_view correction_name(Correction correction) { return k_names[static_cast<std::size_t>(correction)]; }

std::vector<double> adjusted_p_values(std::span<const double> p_values, Correction correction) {
  for (const double p : p_values) CHECK(p >= 0 && p <= 1, "p-value {}", p);
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> sorted;
  for (const std::size_t at : order) sorted.push_back(p_values[at]);
  const auto m = static_cast<double>(sorted.size());
  switch (correction) {
    case Correction::none: break;
    case Correction::bonferroni:
      for (double& p : sorted) p = std::min(1.0, p * m);
      break;
    case Correction::holm: step_down(sorted); break;
    case Correction::hommel: hommel(sorted); break;
    case Correction::benjamini_hochberg: step_up(sorted, 1); break;
    case Correction::benjamini_yekutieli: {
      double harmonic = 0;
      for (std::size_t i = sorted.size(); i > 0; --i) harmonic += 1.0 / static_cast<double>(i);
      step_up(sorted, harmonic);
      break;
    }
  }
  std::vector<double> adjusted(p_values.size());
  for (std::size_t i = 0; i < order.size(); ++i) adjusted[order[i]] = sorted[i];
  return adjusted;
}

}  // namespace cupel::stats
