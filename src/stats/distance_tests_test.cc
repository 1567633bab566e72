#include "stats/distance_tests.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"
#include "stats/random_counts.h"

namespace cupel::stats {
namespace {

using Counts = std::vector<std::int64_t>;

// Truth: numpy and scipy (spatial.distance.jensenshannon base 2, stats.entropy) on the shares 0.3 0.5 0.2 and 0.4 0.3 0.3.
TEST(DistanceTests, DistancesAgreeWithScipy) {
  const Counts reference = {30, 50, 20};
  const Counts current = {40, 30, 30};
  EXPECT_NEAR(share_distance(ShareDistance::hellinger, reference, current), 0.1460908264990139, 1e-12);
  EXPECT_NEAR(share_distance(ShareDistance::jensen_shannon, reference, current), 0.17509683779086033, 1e-12);
  EXPECT_NEAR(share_distance(ShareDistance::kullback_leibler, reference, current), 0.08346467428336449, 1e-12);
  EXPECT_NEAR(share_distance(ShareDistance::l_infinity, reference, current), 0.2, 1e-12);
  EXPECT_NEAR(share_distance(ShareDistance::psi, reference, current), 0.17147984280919268, 1e-12);
}

TEST(DistanceTests, AnEmptyCategoryGivesAFiniteDistance) {
  const Counts reference = {30, 0};
  const Counts current = {0, 30};
  EXPECT_LT(share_distance(ShareDistance::psi, reference, current), 100);
  EXPECT_LT(share_distance(ShareDistance::kullback_leibler, reference, current), 100);
}

// Without a change p is below alpha in about alpha of the cases: 300 cases at 5 % give 15, and 30 with a chance below 1e-3.
TEST(DistanceTests, TheLevelHoldsWithoutAChange) {
  const std::vector<double> shares = {0.5, 0.3, 0.15, 0.05};
  for (const auto kind : {ShareDistance::psi, ShareDistance::jensen_shannon, ShareDistance::l_infinity}) {
    int rejected = 0;
    for (std::uint64_t i = 0; i < 300; ++i) {
      Random random(7, "level", i);
      Counts a(4);
      Counts b(4);
      random_multinomial(random, 200, shares, a);
      random_multinomial(random, 300, shares, b);
      rejected += test_distance(kind, a, b, 0.05, {i, "level test", 199}).p_value < 0.05 ? 1 : 0;
    }
    EXPECT_LE(rejected, 30);
  }
}

TEST(DistanceTests, WassersteinIsInStandardDeviationsOfTheReference) {
  std::vector<double> reference;
  std::vector<double> current;
  for (int i = 0; i < 100; ++i) {
    reference.push_back(i + 30);
    current.push_back(i);
  }
  const auto test = test_wasserstein(reference, current, 0.01, {1, "w", 999});
  ASSERT_TRUE(test);
  EXPECT_NEAR(test->distance, 1.034072981318567, 1e-12);  // scipy.stats.wasserstein_distance by numpy's std(ddof=1)
  EXPECT_LT(test->p_value, 0.01);
  EXPECT_FALSE(test_wasserstein(std::vector<double>(5, 2.0), current, 0.01, {1, "w", 99}));
}

}  // namespace
}  // namespace cupel::stats
