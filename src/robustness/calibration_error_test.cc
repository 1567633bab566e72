#include "robustness/calibration_error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "base/random.h"

namespace cupel::robustness {
namespace {

/// Labels drawn from the true probabilities; the model says p^power. Rows of a group share a part of their luck when `resemblance` > 0.
model::Evaluation simulate(std::size_t rows, double power, std::uint64_t seed, std::size_t rows_a_group = 0) {
  Random random(seed, "calibration test");
  model::Evaluation out;
  double luck = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    const double p = 1 / (1 + std::exp(-1.5 * random.normal()));
    if (rows_a_group > 0 && row % rows_a_group == 0) luck = random.uniform();
    const double draw = rows_a_group > 0 && random.uniform() < 0.5 ? luck : random.uniform();
    out.scores.push_back(std::pow(p, power));
    out.actual.push_back(draw < p ? 1 : 0);
    out.decided.push_back(out.scores.back() >= 0.5 ? 1 : 0);
    if (rows_a_group > 0) out.clusters.push_back(static_cast<std::uint32_t>(row / rows_a_group));
  }
  return out;
}

int rejections(std::size_t rows, double power, int runs, std::size_t rows_a_group = 0) {
  int count = 0;
  for (int run = 0; run < runs; ++run) {
    stats::BootstrapOptions options;
    options.resamples = 300;
    options.seed = static_cast<std::uint64_t>(run);
    count += calibration_error(simulate(rows, power, static_cast<std::uint64_t>(run), rows_a_group), 10, options)->p_value <= 0.05 ? 1 : 0;
  }
  return count;
}

TEST(CalibrationError, refuses_calibrated_models_no_more_often_than_stated) {
  const bool slow = std::getenv("CUPEL_SLOW") != nullptr;
  for (const std::size_t rows : slow ? std::vector<std::size_t>{200, 1000, 5000, 20000} : std::vector<std::size_t>{200}) {
    const int runs = slow ? 500 : 100;
    const int refused = rejections(rows, 1, runs);
    if (slow) fmt::print("calibrated, n {}: refused {} of {}\n", rows, refused, runs);
    EXPECT_LE(refused, slow ? 41 : 13) << rows << " rows; 99.9 % bound of 5 %";
  }
}

TEST(CalibrationError, keeps_its_level_where_rows_of_a_group_share_their_luck) {
  const int runs = std::getenv("CUPEL_SLOW") != nullptr ? 500 : 100;
  const int refused = rejections(1500, 1, runs, 15);
  if (runs == 500) fmt::print("calibrated, 100 groups of 15: refused {} of {}\n", refused, runs);
  EXPECT_LE(refused, runs == 500 ? 41 : 13);
}

TEST(CalibrationError, finds_probabilities_to_the_power_of_one_and_a_half) { EXPECT_GE(rejections(2000, 1.5, 40), 38); }

TEST(CalibrationError, has_an_interval_that_holds_the_true_error) {
  // The true error of p^1.5 here, by numpy from ten million rows: 0.10594.
  int held = 0;
  for (std::uint64_t run = 0; run < 40; ++run) {
    stats::BootstrapOptions options;
    options.resamples = 300;
    options.seed = run;
    const auto found = calibration_error(simulate(2000, 1.5, 1000 + run), 10, options);
    held += found->interval.contains(0.1059) ? 1 : 0;
  }
  EXPECT_GE(held, 36);
}

TEST(CalibrationError, of_no_rows_is_an_error) { EXPECT_FALSE(calibration_error(model::Evaluation{}, 10, {})); }

}  // namespace
}  // namespace cupel::robustness
