#include "stats/order_statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "stats/distributions.h"

namespace cupel::stats {
namespace {

TEST(OrderStatistics, TheMedianOfThirtyLiesBetweenTheTenthAndTheTwentyFirst) {
  // Conover 1999, table: n = 30, 95 %.
  std::vector<double> values;
  for (int i = 1; i <= 30; ++i) values.push_back(i);
  const Interval interval = quantile_interval(values, 0.5, 0.95);
  EXPECT_EQ(interval.low, 10);
  EXPECT_EQ(interval.high, 21);
}

TEST(OrderStatistics, CoverageIsNeverBelowNominal) {
  for (const int n : {8, 25, 100, 333}) {
    for (const double q : {0.1, 0.5, 0.9}) {
      std::vector<double> ranks;
      for (int i = 1; i <= n; ++i) ranks.push_back(i);
      const Interval interval = quantile_interval(ranks, q, 0.9);
      // X(r) < quantile < X(s) has chance P(r <= B <= s - 1).
      const double below = std::isinf(interval.low) ? 0 : binomial_cdf(static_cast<std::int64_t>(interval.low) - 1, n, q);
      const double above = std::isinf(interval.high) ? 0 : binomial_survival(static_cast<std::int64_t>(interval.high) - 1, n, q);
      EXPECT_LE(below + above, 0.1) << n << " " << q;
      EXPECT_LE(below, 0.05);
      EXPECT_LE(above, 0.05);
    }
  }
}

TEST(OrderStatistics, AnExtremeQuantileOfFewValuesIsUnbounded) {
  const std::vector<double> values{1, 2, 3};
  EXPECT_TRUE(std::isinf(quantile_interval(values, 0.99, 0.95).high));
  EXPECT_TRUE(std::isinf(quantile_interval({}, 0.5, 0.95).low));
}

}  // namespace
}  // namespace cupel::stats
