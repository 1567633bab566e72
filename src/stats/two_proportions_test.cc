#include "stats/two_proportions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "stats/distributions.h"

namespace cupel::stats {
namespace {

TEST(TwoProportions, NewcombesTableIsReproduced) {
  // Newcombe 1998, table II, method 10, four decimals.
  const struct {
    std::int64_t a, n_a, b, n_b;
    double low, high;
  } cases[] = {{48, 80, 56, 70, 0.0524, 0.3339}, {3, 10, 9, 10, 0.1705, 0.8090}, {2, 7, 6, 7, 0.0582, 0.8062},
               {0, 29, 5, 56, -0.0381, 0.1926}, {0, 20, 0, 10, -0.1611, 0.2775}, {0, 20, 10, 10, 0.6791, 1}};
  for (const auto& c : cases) {
    const Interval interval = newcombe_difference(c.a, c.n_a, c.b, c.n_b, 0.95);
    EXPECT_NEAR(interval.low, c.low, 5e-5);
    EXPECT_NEAR(interval.high, c.high, 5e-5);
  }
}

TEST(TwoProportions, RsPropTestIsReproduced) {
  const TestResult plain = two_proportion_test(200, 1000, 250, 1000);
  EXPECT_NEAR(plain.statistic * plain.statistic, 7.168458781362, 5e-12);
  EXPECT_NEAR(plain.p_value, 0.007419649261, 5e-12);
  const Interval interval = wald_difference(250, 1000, 200, 1000, 0.95);
  EXPECT_NEAR(interval.low, -0.086536378312, 5e-12);
  EXPECT_NEAR(interval.high, -0.013463621688, 5e-12);
  const TestResult corrected = two_proportion_test(200, 1000, 250, 1000, Alternative::two_sided, Continuity::corrected);
  EXPECT_NEAR(corrected.statistic * corrected.statistic, 6.884587813620, 5e-12);
  EXPECT_NEAR(corrected.p_value, 0.008694211462, 5e-12);
}

TEST(TwoProportions, SeveralGroupsAgreeWithR) {
  const TestResult test = several_proportions_test(std::vector<std::int64_t>{83, 90, 129, 70}, std::vector<std::int64_t>{86, 93, 136, 82});
  EXPECT_NEAR(test.statistic, 12.600411297, 5e-10);
  EXPECT_EQ(test.degrees_of_freedom, 3);
  EXPECT_NEAR(test.p_value, 0.005585476662, 5e-12);
}

TEST(TwoProportions, SpotifyConfidencesVectorIsReproduced) {
  // tests/frequentist/test_chisquared.py: 42/104 against 500/1009.
  const TestResult test = two_proportion_test(42, 104, 500, 1009);
  EXPECT_NEAR(test.p_value, 0.074866, 5e-7);
  const Interval interval = wald_difference(42, 104, 500, 1009, 0.95);
  EXPECT_NEAR(interval.low, -0.0075254411815593725, 1e-15);
  EXPECT_NEAR(interval.high, 0.190913, 5e-7);
  const Interval wide = wald_difference(42, 104, 500, 1009, 0.99);
  EXPECT_NEAR(wide.low, -0.0387024, 5e-8);
  EXPECT_NEAR(wide.high, 0.22209, 5e-6);
}

TEST(TwoProportions, DegenerateSamplesHaveDefinedAnswers) {
  EXPECT_EQ(two_proportion_test(0, 10, 0, 20).p_value, 1);
  EXPECT_EQ(two_proportion_test(10, 10, 20, 20).p_value, 1);
  EXPECT_EQ(two_proportion_test(0, 0, 3, 4).p_value, 1);
  EXPECT_EQ(wald_difference(0, 0, 3, 4, 0.95).low, -1);
  const Interval unknown = newcombe_difference(0, 0, 0, 0, 0.95);
  EXPECT_FALSE(std::isnan(unknown.low));
  EXPECT_LE(unknown.low, -0.5);
}

TEST(TwoProportions, FisherAgreesWithScipy) {
  EXPECT_NEAR(fisher_exact(8, 2, 1, 5), 0.034965034965034975, 1e-13);
  EXPECT_NEAR(fisher_exact(8, 2, 1, 5, Alternative::greater), 0.024475524475524483, 1e-13);
  EXPECT_NEAR(fisher_exact(120, 80, 90, 110), 0.0036351855558814402, 1e-13);
  EXPECT_NEAR(fisher_exact(3, 1, 1, 3), 34.0 / 70, 1e-13);  // the lady tasting tea
  EXPECT_EQ(fisher_exact(0, 0, 3, 4), 1);
}

TEST(TwoProportions, NewcombesIntervalCoversWhereWaldDoesNot) {
  double newcombe = 0;
  double wald = 0;
  const double a = 0.03;
  const double b = 0.06;
  for (std::int64_t i = 0; i <= 30; ++i) {
    for (std::int64_t j = 0; j <= 30; ++j) {
      const double mass = binomial_mass(i, 30, a) * binomial_mass(j, 30, b);
      newcombe += newcombe_difference(i, 30, j, 30, 0.95).contains(b - a) ? mass : 0;
      wald += wald_difference(i, 30, j, 30, 0.95).contains(b - a) ? mass : 0;
    }
  }
  EXPECT_GE(newcombe, 0.95);
  EXPECT_LT(wald, 0.93);
}

}  // namespace
}  // namespace cupel::stats
