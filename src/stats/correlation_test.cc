#include "stats/correlation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace cupel::stats {
namespace {

// Truth: scipy 1.x pearsonr, spearmanr, kendalltau (tau-b).
const std::vector<double> k_x = {1, 2, 2, 3, 5, 8, 8, 13, 21, 34};
const std::vector<double> k_y = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3};

TEST(Correlation, AgreesWithScipyAlsoWithTies) {
  EXPECT_NEAR(*pearson(k_x, k_y), 0.15266186857962183, 1e-14);
  EXPECT_NEAR(*spearman(k_x, k_y), 0.4092327064315978, 1e-14);
  EXPECT_NEAR(*kendall(k_x, k_y), 0.282372483201007, 1e-14);
}

TEST(Correlation, ALargeOffsetCostsNoDigits) {
  std::vector<double> shifted = k_x;
  for (double& value : shifted) value += 1e9;
  EXPECT_NEAR(*pearson(shifted, k_y), 0.15266186857962183, 1e-12);
}

TEST(Correlation, IsUndefinedWithoutSpread) {
  const std::vector<double> constant(10, 4);
  const std::vector<double> one = {1};
  EXPECT_FALSE(pearson(constant, k_y));
  EXPECT_FALSE(spearman(k_x, constant));
  EXPECT_FALSE(kendall(constant, k_y));
  EXPECT_FALSE(kendall(one, one));
}

TEST(Correlation, KendallCountsEveryPairAsTheDefinitionDoes) {
  // By definition over all pairs, for many small samples with ties.
  for (int seed = 1; seed < 200; ++seed) {
    std::vector<double> x;
    std::vector<double> y;
    for (int i = 0; i < 9; ++i) {
      x.push_back((i * seed * 7 + seed) % 5);
      y.push_back((i * i * seed + 3 * i) % 4);
    }
    int concordant = 0;
    int untied_x = 0;
    int untied_y = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const double product = (x[i] - x[j]) * (y[i] - y[j]);
        concordant += product > 0 ? 1 : product < 0 ? -1 : 0;
        untied_x += x[i] != x[j] ? 1 : 0;
        untied_y += y[i] != y[j] ? 1 : 0;
      }
    }
    const auto tau = kendall(x, y);
    ASSERT_EQ(tau.has_value(), untied_x > 0 && untied_y > 0);
    if (tau) {
      EXPECT_NEAR(*tau, concordant / std::sqrt(static_cast<double>(untied_x) * untied_y), 1e-14);
    }
  }
}

}  // namespace
}  // namespace cupel::stats
