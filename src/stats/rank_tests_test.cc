#include "stats/rank_tests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace cupel::stats {
namespace {

using Values = std::vector<double>;

const Values k_x = {0.5, 1.2, 1.9, 2.3, 2.8, 3.1, 3.6, 4.0, 4.4, 5.1};
const Values k_y = {1, 2, 2.9, 3.3, 4.1, 4.7, 5.2, 5.8, 6.5, 7.7, 8.1, 9};

TEST(RankTests, TheMannWhitneyReferenceVectorIsReproduced) {
  const RankTest test = mann_whitney(k_x, k_y);
  EXPECT_EQ(test.statistic, 28);
  EXPECT_NEAR(test.p_value, 0.0358279491, 5e-11);
  EXPECT_NEAR(test.cliffs_delta, 2 * 28.0 / 120 - 1, 1e-15);
}

TEST(RankTests, TiesUseTheCorrectedLimitAsScipy) {
  const RankTest test = mann_whitney(Values{1, 2, 2, 3, 5, 5}, Values{2, 4, 5, 6, 7, 7, 8});
  EXPECT_EQ(test.method, PValueMethod::asymptotic);
  EXPECT_EQ(test.statistic, 7);
  EXPECT_NEAR(test.p_value, 0.050835582280956304, 1e-14);
}

TEST(RankTests, SmallSamplesAreExactAsScipy) {
  EXPECT_NEAR(mann_whitney(Values{0.5, 1.2, 3.3, 7}, Values{1, 2, 4, 5, 6, 8, 9.5}).p_value, 0.3151515151515151, 1e-14);
}

TEST(RankTests, WilcoxonAgreesWithScipy) {
  const RankTest exact = wilcoxon_signed_rank(Values{1.5, -0.3, 2.2, 0.8, -1.1, 3.1, 0.4, -0.2, 1.9, 2.5});
  EXPECT_EQ(exact.statistic, 47);
  EXPECT_NEAR(exact.p_value, 0.048828125, 1e-15);
  const RankTest ties = wilcoxon_signed_rank(Values{1, 1, 2, -1, 3, -2, 4, 5, 1, 2, -3, 6, 0});
  EXPECT_EQ(ties.method, PValueMethod::asymptotic);
  EXPECT_NEAR(ties.p_value, 0.08980747343120087, 1e-14);
}

TEST(RankTests, DegenerateSamplesHaveDefinedAnswers) {
  EXPECT_EQ(mann_whitney({}, k_y).p_value, 1);
  EXPECT_EQ(mann_whitney(Values{3, 3}, Values{3, 3, 3}).p_value, 1);
  EXPECT_EQ(wilcoxon_signed_rank(Values{0, 0}).p_value, 1);
  EXPECT_EQ(mann_whitney(Values{1}, Values{2}).cliffs_delta, -1);
}

}  // namespace
}  // namespace cupel::stats
