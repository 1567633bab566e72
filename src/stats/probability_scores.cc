#include "stats/probability_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "base/invariant.h"
#include "base/random.h"
#include "stats/distributions.h"
#include "stats/sample_moments.h"

namespace cupel::stats {
namespace {

void check_rows(std::span<const double> probabilities, std::span<const std::uint8_t> labels) {
  CHECK(!probabilities.empty() && probabilities.size() == labels.size(), "{} probabilities, {} labels", probabilities.size(), labels.size());
}

std::size_t bin_of(double probability, int bins) {
  return static_cast<std::size_t>(std::clamp(static_cast<int>(probability * bins), 0, bins - 1));
}

/// Sum over bins of |positives - sum of probabilities|, over rows.
double error_of(std::span<const double> positives, std::span<const double> expected, double rows) {
  double sum = 0;
  for (std::size_t bin = 0; bin < positives.size(); ++bin) sum += std::abs(positives[bin] - expected[bin]);
  return sum / rows;
}

}  // namespace

double log_loss_of(double probability, std::uint8_t label) {
  constexpr double k_edge = 1e-15;
  const double p = std::clamp(probability, k_edge, 1 - k_edge);
  return label ? -std::log(p) : -std::log1p(-p);
}

double log_loss(std::span<const double> probabilities, std::span<const std::uint8_t> labels) {
  check_rows(probabilities, labels);
  std::vector<double> losses(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) losses[i] = log_loss_of(probabilities[i], labels[i]);
  return sum_of(losses) / static_cast<double>(labels.size());
}

double brier_score(std::span<const double> probabilities, std::span<const std::uint8_t> labels) {
  check_rows(probabilities, labels);
  std::vector<double> squares(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) squares[i] = (probabilities[i] - labels[i]) * (probabilities[i] - labels[i]);
  return sum_of(squares) / static_cast<double>(labels.size());
}

TestResult spiegelhalter(std::span<const double> probabilities, std::span<const std::uint8_t> labels) {
  check_rows(probabilities, labels);
  double sum = 0;
  double variance = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double p = probabilities[i];
    sum += (labels[i] - p) * (1 - 2 * p);
    variance += (1 - 2 * p) * (1 - 2 * p) * p * (1 - p);
  }
  constexpr double k_infinity = std::numeric_limits<double>::infinity();
  TestResult test{0, k_infinity, 1};
  if (variance > 0) {
    test.statistic = sum / std::sqrt(variance);
  } else if (sum != 0) {
    test.statistic = std::copysign(k_infinity, sum);
  }
  test.p_value = std::min(1.0, 2 * normal_survival(std::abs(test.statistic)));
  return test;
}

double expected_calibration_error(std::span<const double> probabilities, std::span<const std::uint8_t> labels, int bins) {
  check_rows(probabilities, labels);
  std::vector<double> positives(static_cast<std::size_t>(bins));
  std::vector<double> expected(static_cast<std::size_t>(bins));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    positives[bin_of(probabilities[i], bins)] += labels[i];
    expected[bin_of(probabilities[i], bins)] += probabilities[i];
  }
  return error_of(positives, expected, static_cast<double>(labels.size()));
}

CalibrationNull calibration_error_test(std::span<const double> probabilities, std::span<const std::uint8_t> labels, int bins,
                                       const Simulation& simulation) {
  CalibrationNull result;
  result.observed = expected_calibration_error(probabilities, labels, bins);
  const auto rows = static_cast<double>(labels.size());
  std::vector<double> expected(static_cast<std::size_t>(bins));
  std::vector<double> variance(static_cast<std::size_t>(bins));
  for (const double p : probabilities) {
    expected[bin_of(p, bins)] += p;
    variance[bin_of(p, bins)] += p * (1 - p);
  }
  // Small samples draw every label; large ones the bins' sums, which are normal then.
  const bool every_label = labels.size() <= 2000;
  const int draws = std::min(simulation.draws, 1999);
  std::vector<double> errors(static_cast<std::size_t>(draws));
  std::vector<double> positives(expected.size());
  for (int draw = 0; draw < draws; ++draw) {
    Random random(simulation.seed, simulation.purpose + "/calibration", static_cast<std::uint64_t>(draw));
    std::fill(positives.begin(), positives.end(), 0.0);
    if (every_label) {
      for (const double p : probabilities) positives[bin_of(p, bins)] += random.uniform() < p ? 1 : 0;
    } else {
      for (std::size_t bin = 0; bin < positives.size(); ++bin) positives[bin] = expected[bin] + std::sqrt(variance[bin]) * random.normal();
    }
    errors[static_cast<std::size_t>(draw)] = error_of(positives, expected, rows);
  }
  const auto reached = std::count_if(errors.begin(), errors.end(), [&](double e) { return e >= result.observed * (1 - 1e-12); });
  result.p_value = (1.0 + static_cast<double>(reached)) / (1.0 + draws);
  result.null_mean = sum_of(errors) / draws;
  std::sort(errors.begin(), errors.end());
  result.null_95 = sorted_quantile(errors, 0.95);
  return result;
}

}  // namespace cupel::stats
