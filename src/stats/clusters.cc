#include "stats/clusters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "base/invariant.h"

namespace cupel::stats {
namespace {

constexpr double k_infinity = std::numeric_limits<double>::infinity();

}  // namespace

Estimate clustered_estimate(double value, std::span<const double> influence, std::span<const std::uint32_t> clusters) {
  CHECK(influence.size() == clusters.size(), "{} rows, {} clusters", influence.size(), clusters.size());
  const std::size_t count = clusters.empty() ? 0 : std::size_t{*std::max_element(clusters.begin(), clusters.end())} + 1;
  if (count < 2) return {value, k_infinity, 1};
  std::vector<double> sums(count);
  for (std::size_t i = 0; i < influence.size(); ++i) sums[clusters[i]] += influence[i];
  for (double& sum : sums) sum *= sum;
  const auto k = static_cast<double>(count);
  return {value, std::sqrt(k / (k - 1) * sum_of(sums)), k - 1};
}

Estimate clustered_mean(std::span<const double> values, std::span<const std::uint32_t> clusters) {
  CHECK(!values.empty(), "no values");
  const auto n = static_cast<double>(values.size());
  const double mean = sum_of(values) / n;
  std::vector<double> influence(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) influence[i] = (values[i] - mean) / n;
  return clustered_estimate(mean, influence, clusters);
}

Estimate clustered_difference(std::span<const double> values, std::span<const std::uint8_t> arms, std::span<const std::uint32_t> clusters) {
  CHECK(values.size() == arms.size(), "{} values, {} arms", values.size(), arms.size());
  std::vector<double> by_arm[2];
  for (std::size_t i = 0; i < values.size(); ++i) by_arm[arms[i] ? 1 : 0].push_back(values[i]);
  CHECK(!by_arm[0].empty() && !by_arm[1].empty(), "{} and {} rows", by_arm[0].size(), by_arm[1].size());
  const double size[2] = {static_cast<double>(by_arm[0].size()), static_cast<double>(by_arm[1].size())};
  const double mean[2] = {sum_of(by_arm[0]) / size[0], sum_of(by_arm[1]) / size[1]};
  std::vector<double> influence(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int arm = arms[i] ? 1 : 0;
    influence[i] = (arm ? 1 : -1) * (values[i] - mean[arm]) / size[arm];
  }
  return clustered_estimate(mean[1] - mean[0], influence, clusters);
}

Estimate ratio_estimate(std::span<const double> numerators, std::span<const double> denominators) {
  CHECK(numerators.size() == denominators.size(), "{} against {} units", numerators.size(), denominators.size());
  const auto n = static_cast<double>(numerators.size());
  const double total = sum_of(denominators);
  if (total == 0 || numerators.size() < 2) return {0, k_infinity, 1};
  const double ratio = sum_of(numerators) / total;
  std::vector<double> squares(numerators.size());
  for (std::size_t i = 0; i < squares.size(); ++i) {
    const double residual = (numerators[i] - ratio * denominators[i]) / (total / n);
    squares[i] = residual * residual;
  }
  return {ratio, std::sqrt(sum_of(squares) / (n - 1) / n), n - 1};
}

std::vector<std::uint32_t> dense_clusters(std::span<const std::uint64_t> names) {
  std::unordered_map<std::uint64_t, std::uint32_t> numbers;
  std::vector<std::uint32_t> clusters;
  clusters.reserve(names.size());
  for (const std::uint64_t name : names) clusters.push_back(numbers.try_emplace(name, static_cast<std::uint32_t>(numbers.size())).first->second);
  return clusters;
}

}  // namespace cupel::stats
