#include "stats/bootstrap.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "base/invariant.h"
#include "base/random.h"
#include "stats/distributions.h"
#include "stats/sample_moments.h"

namespace cupel::stats {
namespace {

constexpr std::size_t k_jackknife_groups = 200;

/// The units that are drawn: rows, or clusters of rows.
struct Units {
  std::size_t rows = 0;
  std::size_t count = 0;
  std::span<const std::uint32_t> cluster_of_row;  // empty: each row is its own unit

  void spread(std::span<const double> unit_weights, std::span<double> row_weights) const {
    for (std::size_t row = 0; row < rows; ++row) row_weights[row] = unit_weights[cluster_of_row.empty() ? row : cluster_of_row[row]];
  }
};

double one_resample(const Units& units, const WeightedStatistic& statistic, const BootstrapOptions& options, std::uint64_t index,
                    std::vector<double>& unit_weights, std::vector<double>& row_weights) {
  Random random(options.seed, options.purpose, index);
  std::fill(unit_weights.begin(), unit_weights.end(), 0.0);
  for (std::size_t draw = 0; draw < units.count; ++draw) ++unit_weights[random.below(units.count)];
  if (units.cluster_of_row.empty()) return statistic(unit_weights);
  units.spread(unit_weights, row_weights);
  return statistic(row_weights);
}

std::vector<double> all_resamples(const Units& units, const WeightedStatistic& statistic, const BootstrapOptions& options) {
  std::vector<double> values(static_cast<std::size_t>(options.resamples));
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    std::vector<double> unit_weights(units.count);
    std::vector<double> row_weights(units.cluster_of_row.empty() ? 0 : units.rows);
    for (std::size_t i = next++; i < values.size(); i = next++) {
      values[i] = one_resample(units, statistic, options, i, unit_weights, row_weights);
    }
  };
  std::vector<std::jthread> others;
  for (int t = 1; t < options.threads; ++t) others.emplace_back(work);
  work();
  others.clear();
  return values;
}

/// Skewness of the statistic's influence, from groups of units left out one at a time.
double acceleration(const Units& units, const WeightedStatistic& statistic) {
  const std::size_t groups = std::min(units.count, k_jackknife_groups);
  std::vector<double> unit_weights(units.count);
  std::vector<double> row_weights(units.rows);
  std::vector<double> left_out;
  for (std::size_t g = 0; g < groups; ++g) {
    for (std::size_t unit = 0; unit < units.count; ++unit) unit_weights[unit] = unit % groups == g ? 0 : 1;
    units.spread(unit_weights, row_weights);
    const double value = statistic(row_weights);
    if (std::isfinite(value)) left_out.push_back(value);
  }
  if (left_out.size() < 3) return 0;
  const double mean = sum_of(left_out) / static_cast<double>(left_out.size());
  double squares = 0;
  double cubes = 0;
  for (const double value : left_out) {
    squares += (mean - value) * (mean - value);
    cubes += (mean - value) * (mean - value) * (mean - value);
  }
  return squares > 0 ? cubes / (6 * std::pow(squares, 1.5)) : 0;
}

Interval bca_interval(std::span<const double> sorted, double estimate, double a, double confidence) {
  const double tail = (1 - confidence) / 2;
  const auto below = std::lower_bound(sorted.begin(), sorted.end(), estimate) - sorted.begin();
  const auto upto = std::upper_bound(sorted.begin(), sorted.end(), estimate) - sorted.begin();
  const double share = (static_cast<double>(below) + static_cast<double>(upto)) / 2 / static_cast<double>(sorted.size());
  if (share <= 0 || share >= 1) return {sorted_quantile(sorted, tail), sorted_quantile(sorted, 1 - tail), confidence};
  const double z0 = normal_quantile(share);
  const auto adjusted = [&](double z) {
    const double sum = z0 + z;
    return normal_cdf(z0 + sum / (1 - a * sum));
  };
  const double z = normal_quantile(1 - tail);
  return {sorted_quantile(sorted, adjusted(-z)), sorted_quantile(sorted, adjusted(z)), confidence};
}

Result<BootstrapInterval> bootstrap_units(const Units& units, const WeightedStatistic& statistic, const BootstrapOptions& options) {
  CHECK(options.confidence > 0 && options.confidence < 1 && options.resamples > 0, "{} of {}", options.confidence, options.resamples);
  BootstrapInterval result;
  result.resamples = options.resamples;
  result.estimate = statistic(std::vector<double>(units.rows, 1.0));
  if (!std::isfinite(result.estimate)) return fail("the statistic has no value on these {} rows", units.rows);
  std::vector<double> values = all_resamples(units, statistic, options);
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  result.undefined = options.resamples - static_cast<int>(values.size());
  if (result.undefined * 2 > options.resamples) {
    return fail("the statistic has no value on {} of {} resamples of {} rows", result.undefined, options.resamples, units.rows);
  }
  result.standard_error = std::sqrt(sample_moments(values).variance);
  std::sort(values.begin(), values.end());
  const double tail = (1 - options.confidence) / 2;
  result.percentile = {sorted_quantile(values, tail), sorted_quantile(values, 1 - tail), options.confidence};
  result.bca = bca_interval(values, result.estimate, acceleration(units, statistic), options.confidence);
  return result;
}

}  // namespace

Result<BootstrapInterval> bootstrap(std::size_t rows, const WeightedStatistic& statistic, const BootstrapOptions& options) {
  if (rows == 0) return fail("no rows to resample, expected at least 1");
  return bootstrap_units({rows, rows, {}}, statistic, options);
}

Result<BootstrapInterval> cluster_bootstrap(std::span<const std::uint32_t> clusters, const WeightedStatistic& statistic,
                                            const BootstrapOptions& options) {
  if (clusters.empty()) return fail("no rows to resample, expected at least 1");
  const std::size_t count = std::size_t{*std::max_element(clusters.begin(), clusters.end())} + 1;
  if (count < 2) return fail("1 cluster to resample, expected at least 2");
  return bootstrap_units({clusters.size(), count, clusters}, statistic, options);
}

}  // namespace cupel::stats
