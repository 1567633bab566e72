#include "stats/chi_square.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <vector>

#include "base/random.h"
#include "stats/proportion.h"
#include "stats/random_counts.h"

namespace cupel::stats {
namespace {

using Counts = std::vector<std::int64_t>;
using Shares = std::vector<double>;

TEST(ChiSquare, SampleRatioVectorsOfAnExperimentPlatformAreReproduced) {
  // GrowthBook, packages/back-end/test/stats.test.ts, nine decimals; a variation of weight 0 does not count.
  const struct {
    Counts users;
    Shares weights;
    double p;
  } cases[] = {
      {{1000, 1200}, {0.5, 0.5}, 0.000020079},         {{135, 115}, {0.5, 0.5}, 0.205903211},
      {{310, 98}, {0.75, 0.25}, 0.647434186},          {{500, 500, 600}, {0.34, 0.33, 0.33}, 0.000592638},
      {{0, 10, 10}, {0.34, 0.33, 0.33}, 0.005790624},
  };
  for (const auto& c : cases) {
    const auto test = chi_square_shares(c.users, c.weights, {});
    ASSERT_TRUE(test);
    EXPECT_NEAR(test->p_value, c.p, 5e-10);
    EXPECT_EQ(test->method, PValueMethod::asymptotic);
  }
}

TEST(ChiSquare, KohavisSampleRatioMismatchIsReproduced) {
  const auto test = chi_square_shares(Counts{821'588, 815'482}, Shares{1, 1}, {});
  EXPECT_NEAR(test->statistic, 22.7744, 5e-5);
  EXPECT_NEAR(test->p_value, 1.8218e-06, 5e-11);
}

TEST(ChiSquare, StatedSharesAgreeWithScipy) {
  const auto test = chi_square_shares(Counts{44, 56, 32, 68}, Shares{0.25, 0.25, 0.25, 0.25}, {});
  EXPECT_NEAR(test->statistic, 14.4, 1e-12);
  EXPECT_EQ(test->degrees_of_freedom, 3);
  EXPECT_NEAR(test->p_value, 0.002408284230647146, 1e-15);
  EXPECT_NEAR(test->effect, std::sqrt(14.4 / 200), 1e-14);
}

TEST(ChiSquare, FewRowsAreCountedExactly) {
  // Exact rational sums over all outcomes: 58193/2000000 and 779/8192.
  const auto uneven = chi_square_shares(Counts{3, 0, 4}, Shares{0.5, 0.3, 0.2}, {});
  EXPECT_EQ(uneven->method, PValueMethod::exact);
  EXPECT_NEAR(uneven->statistic, 7, 1e-12);
  EXPECT_NEAR(uneven->p_value, 0.0290965, 1e-14);
  EXPECT_NEAR(chi_square_shares(Counts{0, 1, 5, 2}, Shares{1, 1, 1, 1}, {})->p_value, 779.0 / 8192, 1e-14);
}

TEST(ChiSquare, ManyRareCategoriesAreSimulatedAndTheSameEveryTime) {
  Shares shares(60, 1.0);
  Counts counts(60, 0);
  for (std::size_t i = 0; i < 20; ++i) counts[i] = 4;
  const Simulation simulation{7, "case", 1999};
  const auto first = chi_square_shares(counts, shares, simulation);
  EXPECT_EQ(first->method, PValueMethod::simulated);
  EXPECT_LT(first->p_value, 0.001);
  EXPECT_GT(first->p_value, 0);
  EXPECT_EQ(chi_square_shares(counts, shares, simulation)->p_value, first->p_value);
}

TEST(ChiSquare, AnImpossibleCategoryRejectsWithoutADoubt) {
  const auto test = chi_square_shares(Counts{99, 1}, Shares{1, 0}, {});
  EXPECT_EQ(test->p_value, 0);
  EXPECT_TRUE(std::isinf(test->statistic));
}

TEST(ChiSquare, OneCategoryLeavesNothingToTest) {
  EXPECT_EQ(chi_square_shares(Counts{1000}, Shares{1}, {})->p_value, 1);
  EXPECT_EQ(chi_square_two_sample(Counts{5}, Counts{9}, {})->p_value, 1);
}

TEST(ChiSquare, NoRowsIsAnError) {
  EXPECT_FALSE(chi_square_shares(Counts{0, 0}, Shares{1, 1}, {}));
  const auto test = chi_square_two_sample(Counts{0, 0}, Counts{3, 4}, {});
  ASSERT_FALSE(test);
  EXPECT_EQ(test.error().message, "0 and 7 rows to compare, expected at least 1 in each sample");
}

TEST(ChiSquare, TwoSamplesAreBothSamples) {
  // R 4.2.2 and scipy agree; the one-sample statistic that takes the reference for the truth would be 29.17.
  const auto test = chi_square_two_sample(Counts{120, 60, 20}, Counts{90, 70, 40}, {});
  EXPECT_NEAR(test->statistic, 11.7216117216, 1e-10);
  EXPECT_NEAR(test->p_value, 0.0028489469, 1e-10);
  EXPECT_NEAR(test->effect, 0.1711841970, 1e-10);
  EXPECT_NEAR(test->effect_corrected, 0.1560529778, 1e-10);
  EXPECT_NEAR(chi_square_shares(Counts{90, 70, 40}, Shares{120, 60, 20}, {})->statistic, 29.1666666667, 1e-10);
}

TEST(ChiSquare, CategoriesThatNeitherSampleHasDoNotCount) {
  const auto with = chi_square_two_sample(Counts{120, 0, 60, 20}, Counts{90, 0, 70, 40}, {});
  EXPECT_EQ(with->degrees_of_freedom, 2);
  EXPECT_NEAR(with->p_value, 0.0028489469, 1e-10);
}

TEST(ChiSquare, LargerTablesAgreeWithScipy) {
  const auto small = chi_square_independence(Counts{10, 20, 30, 6, 9, 17, 1, 20, 8}, 3, 3, {1, "case", 1999});
  EXPECT_NEAR(small->statistic, 13.613200107629261, 1e-12);
  EXPECT_EQ(small->degrees_of_freedom, 4);
  EXPECT_EQ(small->method, PValueMethod::simulated);  // 4 of 9 expected counts are below 5
  EXPECT_NEAR(small->p_value, 0.008637599959969386, 0.006);
  const auto test = chi_square_independence(Counts{100, 200, 300, 60, 90, 170, 70, 200, 80}, 3, 3, {});
  EXPECT_EQ(test->method, PValueMethod::asymptotic);
  EXPECT_NEAR(test->statistic, 93.1845797946508, 1e-11);
  EXPECT_NEAR(test->p_value, 2.7718019737430677e-19, 2.7718019737430677e-19 * 1e-11);
}

TEST(ChiSquare, SmallTwoByTwoTablesAreCountedExactly) {
  // Sums of rational hypergeometric masses of all tables whose statistic is at least as large.
  const auto test = chi_square_two_sample(Counts{7, 1}, Counts{2, 5}, {});
  EXPECT_EQ(test->method, PValueMethod::exact);
  EXPECT_NEAR(test->statistic, 5.401785714285714, 1e-12);
  EXPECT_NEAR(test->p_value, 0.04055944055944056, 1e-14);
  EXPECT_NEAR(chi_square_two_sample(Counts{1, 9}, Counts{4, 3}, {})->p_value, 0.10067873303167421, 1e-14);
}

TEST(ChiSquare, SimulatedTablesAgreeWithCountedOnes) {
  // The same margins as a 2 x 2 exact case, with a third rare category that forces the simulation: its p is compared with all
  // 3-category splits counted here.
  const Counts a{7, 1, 1};
  const Counts b{2, 5, 0};
  const auto test = chi_square_two_sample(a, b, {3, "case", 9999});
  EXPECT_EQ(test->method, PValueMethod::simulated);
  double exact = 0;
  const auto choose = [](int n, int k) { return std::round(std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1))); };
  const auto statistic = [](int i, int j, int k) {
    double sum = 0;
    const double columns[] = {9, 6, 1};
    const int row[] = {i, j, k};
    for (int c = 0; c < 3; ++c) {
      const double e1 = columns[c] * 9 / 16;
      const double e2 = columns[c] * 7 / 16;
      sum += (row[c] - e1) * (row[c] - e1) / e1 + (columns[c] - row[c] - e2) * (columns[c] - row[c] - e2) / e2;
    }
    return sum;
  };
  for (int k = 0; k <= 1; ++k) {
    for (int j = 0; j <= 6; ++j) {
      const int i = 9 - j - k;
      if (i >= 0 && i <= 9 && statistic(i, j, k) >= test->statistic - 1e-9) exact += choose(9, i) * choose(6, j) * choose(1, k) / choose(16, 9);
    }
  }
  EXPECT_NEAR(test->p_value, exact, 4 * std::sqrt(exact * (1 - exact) / 9999) + 1e-4);
}

TEST(ChiSquare, TheLikelihoodRatioStatisticAgreesWithScipy) {
  const TestResult g = g_test_two_sample(Counts{120, 60, 20}, Counts{90, 70, 40});
  EXPECT_NEAR(g.statistic, 11.8663645135, 1e-10);
  EXPECT_NEAR(g.p_value, 0.0026500355, 1e-10);
}

TEST(ChiSquare, TotalVariationIsHalfTheSumOfDifferences) {
  EXPECT_NEAR(total_variation(Shares{0.6, 0.3, 0.1}, Shares{0.45, 0.35, 0.2}), 0.15, 1e-15);
}

TEST(ChiSquare, TheIntervalOfTotalVariationCoversTheTruthWithAndWithoutADifference) {
  const int runs = std::getenv("CUPEL_SLOW") ? 2000 : 60;
  const Shares truth{0.45, 0.27, 0.16, 0.07, 0.045, 0.005};
  for (const Shares& stated : {truth, Shares{0.40, 0.32, 0.16, 0.07, 0.045, 0.005}}) {
    int covered = 0;
    for (int run = 0; run < runs; ++run) {
      Random random(11, "coverage", static_cast<std::uint64_t>(run));
      Counts counts(truth.size());
      random_multinomial(random, 1500, truth, counts);
      const auto result = total_variation_to_shares(counts, stated, 0.9, {static_cast<std::uint64_t>(run), "case", 499});
      covered += result->interval.contains(total_variation(truth, stated)) ? 1 : 0;
    }
    EXPECT_GE(clopper_pearson_upper(covered, runs, 0.999), 0.9) << covered << " of " << runs;
  }
}

TEST(ChiSquare, FalseAlarmsOfTheTwoSampleTestStayNearTheNominalRate) {
  const int runs = std::getenv("CUPEL_SLOW") ? 20'000 : 1000;
  for (const std::size_t k : {std::size_t{2}, std::size_t{5}, std::size_t{20}}) {
    Shares zipf(k);
    for (std::size_t i = 0; i < k; ++i) zipf[i] = 1 / static_cast<double>(i + 1);
    int alarms = 0;
    for (int run = 0; run < runs; ++run) {
      Random random(5, "alarms", static_cast<std::uint64_t>(run));
      Counts a(k);
      Counts b(k);
      random_multinomial(random, 600, zipf, a);
      random_multinomial(random, 600, zipf, b);
      alarms += chi_square_two_sample(a, b, {1, "case", 999})->p_value < 0.05 ? 1 : 0;
    }
    const Interval rate = clopper_pearson(alarms, runs, 0.999);
    EXPECT_LE(rate.low, 0.055) << k;
    EXPECT_GE(rate.high, 0.04) << k;
  }
}

}  // namespace
}  // namespace cupel::stats
