#include "drift/distances.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace cupel::drift {
namespace {

const std::vector<double> k_x = {0.5, 1.2, 1.9, 2.3, 2.8, 3.1, 3.6, 4.0, 4.4, 5.1};
const std::vector<double> k_y = {1, 2, 2.9, 3.3, 4.1, 4.7, 5.2, 5.8, 6.5, 7.7, 8.1, 9};

double distance(Distance which, const std::vector<double>& x, const std::vector<double>& y) {
  const Levels levels = ordered_levels(x, y);
  return distance_of(which, count_levels(levels, static_cast<std::int64_t>(x.size())), levels.values);
}

// scipy 1.10.1: ks_2samp 0.5, wasserstein_distance / numpy std 1.5550835314, mannwhitneyu U 28 of 120 pairs.
TEST(Distances, agree_with_scipy_on_a_published_pair_of_samples) {
  EXPECT_NEAR(distance(Distance::ks, k_x, k_y), 0.5, 1e-12);
  EXPECT_NEAR(distance(Distance::wasserstein, k_x, k_y), 1.5550835314, 1e-9);
  EXPECT_NEAR(distance(Distance::auc, k_x, k_y), std::abs(1 - 2 * 28.0 / 120), 1e-12);
}

TEST(Distances, total_variation_of_two_count_tables_is_half_the_absolute_differences) {
  const LevelCounts counts{{120, 60, 20}, {90, 70, 40}, 200, 200};
  EXPECT_NEAR(distance_of(Distance::total_variation, counts, {}), 0.15, 1e-12);
}

TEST(Distances, do_not_depend_on_units) {
  std::vector<double> x = k_x, y = k_y;
  for (double& value : x) value *= 1000;
  for (double& value : y) value *= 1000;
  for (const Distance which : {Distance::ks, Distance::auc, Distance::wasserstein})
    EXPECT_NEAR(distance(which, x, y), distance(which, k_x, k_y), 1e-12);
}

TEST(Distances, are_zero_for_equal_samples_and_for_an_empty_side) {
  for (const Distance which : {Distance::ks, Distance::auc, Distance::wasserstein, Distance::total_variation}) {
    EXPECT_EQ(distance(which, k_x, k_x), 0) << distance_name(which);
    EXPECT_EQ(distance(which, k_x, {}), 0) << distance_name(which);
  }
}

TEST(Distances, stay_finite_with_infinite_values_and_a_constant_reference) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(std::isfinite(distance(Distance::wasserstein, {1, 2, 3}, {1, 2, infinity})));
  EXPECT_EQ(distance(Distance::wasserstein, {7, 7, 7}, {7, 7}), 0);
  EXPECT_EQ(distance(Distance::wasserstein, {7, 7, 7}, {9, 9}), 1);
  EXPECT_EQ(distance(Distance::ks, {7, 7, 7}, {9, 9}), 1);
}

TEST(Levels, leave_nan_out_and_count_ties_once) {
  const Levels levels = ordered_levels(std::vector<double>{2, 2, std::nan(""), -0.0}, std::vector<double>{0.0, 2});
  EXPECT_EQ(levels.values, (std::vector<double>{0, 2}));
  EXPECT_EQ(levels.of_row, (std::vector<std::int32_t>{1, 1, Levels::k_absent, 0, 0, 1}));
}

}  // namespace
}  // namespace cupel::drift
