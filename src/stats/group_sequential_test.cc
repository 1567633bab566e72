#include "stats/group_sequential.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "stats/distributions.h"

namespace cupel::stats {
namespace {

using Values = std::vector<double>;

// gsDesign 3 (R) solves its bounds to 1e-6: that is the tolerance.
constexpr double k_gs_design = 2e-6;

void expect_all(const Values& actual, const Values& expected, double tolerance = k_gs_design) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], tolerance) << "look " << i + 1;
}

Values equal_steps(int looks) {
  Values fractions;
  for (int k = 1; k <= looks; ++k) fractions.push_back(static_cast<double>(k) / looks);
  return fractions;
}

double any_crossing(const Values& bounds, const Values& information) {
  double sum = 0;
  for (const Crossing& chance : crossing_probabilities(bounds, information, 0)) sum += chance.upper + chance.lower;
  return sum;
}

TEST(GroupSequential, RepeatedFivePercentTestsAreAsArmitageFound) {
  for (const auto& [looks, chance] : {std::pair{2, 0.083118}, std::pair{3, 0.107256}, std::pair{4, 0.126169}, std::pair{5, 0.141689},
                                      std::pair{10, 0.193357}, std::pair{20, 0.247911}}) {
    EXPECT_NEAR(any_crossing(Values(static_cast<std::size_t>(looks), normal_quantile(0.975)), equal_steps(looks)), chance, 5e-7) << looks;
  }
}

TEST(GroupSequential, OBrienFlemingBoundsAreThoseOfGsDesign) {
  expect_all(obrien_fleming_bounds(5, 0.05), {4.5617426, 3.2256391, 2.6337233, 2.2808713, 2.0400733});
  expect_all(obrien_fleming_bounds(4, 0.05), {4.0485912, 2.8627863, 2.3374552, 2.0242956});
  expect_all(obrien_fleming_bounds(3, 0.05), {3.4710914, 2.4544322, 2.0040355});
  expect_all(obrien_fleming_bounds(2, 0.05), {2.7965097, 1.9774310});
}

TEST(GroupSequential, PocockBoundsAreThoseOfGsDesign) {
  for (const auto& [looks, bound] :
       {std::pair{2, 2.1782721}, std::pair{3, 2.2894781}, std::pair{4, 2.3612979}, std::pair{5, 2.4131763}, std::pair{10, 2.5550129}}) {
    EXPECT_NEAR(pocock_bounds(looks, 0.05)[0], bound, k_gs_design) << looks;
  }
}

TEST(GroupSequential, SpendingBoundsAreThoseOfGsDesign) {
  expect_all(spending_bounds(Spending::obrien_fleming, equal_steps(5), 0.05), {4.8768849, 3.3570110, 2.6802796, 2.2898167, 2.0310322});
  expect_all(spending_bounds(Spending::obrien_fleming, equal_steps(2), 0.05), {2.9625880, 1.9685955});
  expect_all(spending_bounds(Spending::pocock, equal_steps(5), 0.05), {2.4379767, 2.4268137, 2.4101938, 2.3966454, 2.3859847});
}

TEST(GroupSequential, SpotifysAlphaSpendingVectorIsReproduced) {
  // tests/frequentist/test_bounds.py: counts 250, 450, 630, 810; alpha 0.01 spent as the square of the fraction.
  const Values bounds = spending_bounds(Spending::power, Values{250.0 / 810, 450.0 / 810, 630.0 / 810, 1}, 0.01, 2);
  const Values adjusted{0.00095, 0.00241, 0.00410, 0.00636};
  for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(2 * normal_survival(bounds[k]), adjusted[k], 5e-6);
}

TEST(GroupSequential, InflationFactorsAreThoseOfGsDesign) {
  EXPECT_NEAR(sample_size_inflation(obrien_fleming_bounds(5, 0.05), 0.05, 0.8), 1.0284107, k_gs_design);
  EXPECT_NEAR(sample_size_inflation(pocock_bounds(5, 0.05), 0.05, 0.8), 1.2285924, k_gs_design);
}

TEST(GroupSequential, AllDesignsSpendExactlyAlpha) {
  EXPECT_NEAR(any_crossing(obrien_fleming_bounds(7, 0.01), equal_steps(7)), 0.01, 1e-10);
  const Values uneven{0.1, 0.15, 0.6, 0.61, 1};
  EXPECT_NEAR(any_crossing(spending_bounds(Spending::pocock, uneven, 0.05), uneven), 0.05, 1e-9);
}

TEST(GroupSequential, OneLookIsTheFixedTest) {
  EXPECT_NEAR(obrien_fleming_bounds(1, 0.05)[0], normal_quantile(0.975), 1e-9);
  EXPECT_NEAR(spending_bounds(Spending::obrien_fleming, Values{1}, 0.05)[0], normal_quantile(0.975), 1e-9);
}

}  // namespace
}  // namespace cupel::stats
