#include "robustness/calibration_error.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "stats/distributions.h"
#include "stats/probability_scores.h"

namespace cupel::robustness {
namespace {

using model::Evaluation;

/// Residual sums (label less probability) of every (group, bin) that has rows.
struct Residuals {
  struct Cell {
    std::uint32_t bin = 0;
    double sum = 0;
    double rows = 0;
  };
  std::vector<std::vector<Cell>> groups;
  std::vector<double> by_bin;
  double num_rows = 0;
};

std::uint32_t bin_of(double probability, int bins) {
  return static_cast<std::uint32_t>(std::clamp(static_cast<int>(probability * bins), 0, bins - 1));
}

Residuals sum_residuals(const Evaluation& rows, int bins) {
  Residuals out;
  out.by_bin.assign(static_cast<std::size_t>(bins), 0);
  out.num_rows = static_cast<double>(rows.num_rows());
  for (std::size_t i = 0; i < rows.num_rows(); ++i) {
    const std::size_t group = rows.clusters.empty() ? i : rows.clusters[i];
    if (group >= out.groups.size()) out.groups.resize(group + 1);
    const std::uint32_t bin = bin_of(rows.scores[i], bins);
    const double residual = rows.actual[i] - rows.scores[i];
    out.by_bin[bin] += residual;
    auto& cells = out.groups[group];
    const auto cell = std::ranges::find(cells, bin, &Residuals::Cell::bin);
    if (cell == cells.end())
      cells.push_back({bin, residual, 1});
    else
      *cell = {bin, cell->sum + residual, cell->rows + 1};
  }
  return out;
}

double error_of(const std::vector<double>& by_bin, double num_rows) {
  double sum = 0;
  for (const double residual : by_bin) sum += std::abs(residual);
  return sum / num_rows;
}

/// Null draws with the signs of whole groups turned.
std::vector<double> turned_signs(const Residuals& residuals, const stats::BootstrapOptions& options) {
  std::vector<double> errors;
  std::vector<double> by_bin(residuals.by_bin.size());
  for (int draw = 0; draw < options.resamples; ++draw) {
    Random random(options.seed, options.purpose + "/signs", static_cast<std::uint64_t>(draw));
    std::ranges::fill(by_bin, 0);
    for (const auto& cells : residuals.groups) {
      const double sign = (random.next() & 1) != 0 ? 1 : -1;
      for (const auto& cell : cells) by_bin[cell.bin] += sign * cell.sum;
    }
    errors.push_back(error_of(by_bin, residuals.num_rows));
  }
  return errors;
}

/// How far re-drawn groups move the bins from where they are.
std::vector<double> noise(const Residuals& residuals, const stats::BootstrapOptions& options) {
  std::vector<double> out;
  std::vector<double> by_bin(residuals.by_bin.size());
  const std::size_t count = residuals.groups.size();
  for (int draw = 0; draw < options.resamples; ++draw) {
    Random random(options.seed, options.purpose + "/noise", static_cast<std::uint64_t>(draw));
    std::ranges::fill(by_bin, 0);
    double rows = 0;
    for (std::size_t i = 0; i < count; ++i) {
      for (const auto& cell : residuals.groups[random.below(count)]) {
        by_bin[cell.bin] += cell.sum;
        rows += cell.rows;
      }
    }
    double moved = 0;
    for (std::size_t bin = 0; bin < by_bin.size(); ++bin)
      moved += std::abs(by_bin[bin] / rows - residuals.by_bin[bin] / residuals.num_rows);
    out.push_back(moved);
  }
  return out;
}

double quantile(std::vector<double> values, double p) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(p * static_cast<double>(values.size() - 1))];
}

/// Spiegelhalter's z with the variance of group sums.
double spiegelhalter_of_groups(const Evaluation& rows) {
  std::vector<double> sums;
  for (std::size_t i = 0; i < rows.num_rows(); ++i) {
    if (rows.clusters[i] >= sums.size()) sums.resize(rows.clusters[i] + 1, 0);
    sums[rows.clusters[i]] += (rows.actual[i] - rows.scores[i]) * (1 - 2 * rows.scores[i]);
  }
  double total = 0, squares = 0;
  for (const double sum : sums) {
    total += sum;
    squares += sum * sum;
  }
  return squares > 0 ? 2 * stats::normal_survival(std::abs(total) / std::sqrt(squares)) : 1;
}

}  // namespace

Result<CalibrationError> calibration_error(const Evaluation& rows, int bins, const stats::BootstrapOptions& options) {
  if (rows.num_rows() == 0) return fail("no rows");
  const Residuals residuals = sum_residuals(rows, bins);
  CalibrationError out;
  out.error = error_of(residuals.by_bin, residuals.num_rows);
  const double moved = quantile(noise(residuals, options), options.confidence);
  out.interval = {std::max(0.0, out.error - moved), std::min(1.0, out.error + moved), options.confidence};
  if (rows.clusters.empty()) {
    const stats::CalibrationNull null =
        stats::calibration_error_test(rows.scores, rows.actual, bins, {options.seed, options.purpose + "/null", options.resamples});
    out.null_95 = null.null_95;
    out.p_error = null.p_value;
    out.p_spiegelhalter = stats::spiegelhalter(rows.scores, rows.actual).p_value;
  } else {
    const std::vector<double> null = turned_signs(residuals, options);
    const auto as_large = std::ranges::count_if(null, [&](double error) { return error >= out.error * (1 - 1e-12); });
    out.null_95 = quantile(null, 0.95);
    out.p_error = static_cast<double>(as_large + 1) / static_cast<double>(null.size() + 1);
    out.p_spiegelhalter = spiegelhalter_of_groups(rows);
  }
  out.p_value = std::min(1.0, 2 * std::min(out.p_error, out.p_spiegelhalter));
  return out;
}

}  // namespace cupel::robustness
