#include "stats/detectable.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cupel::stats {
namespace {

TEST(DetectableTotalVariation, SolvesThePublishedNoncentralities) {
  // Noncentrality for power 0.8 at alpha 0.05: 7.849 for df 1 and 10.903 for df 3 (Cohen 1988, Statistical Power Analysis, table 7.4).
  EXPECT_NEAR(detectable_total_variation(1000, 1, 0.05, 0.8), std::sqrt(7.8489 / 1000) / 2, 1e-5);
  EXPECT_NEAR(detectable_total_variation(1000, 3, 0.05, 0.8), std::sqrt(10.9026 / 1000) / 2, 1e-5);
}

TEST(DetectableTotalVariation, NothingIsDetectableWithoutRows) {
  EXPECT_EQ(detectable_total_variation(0, 3, 0.05, 0.8), 1);
  EXPECT_EQ(detectable_total_variation(100, 0, 0.05, 0.8), 1);
}

TEST(DetectableKsDistance, UsesTheLimitsCriticalValue) {
  // 1.3581 at 5 %, 1.6276 at 1 % (Smirnov 1948).
  EXPECT_NEAR(detectable_ks_distance(10000, 0.05, 0.5), 0.013581, 1e-6);
  EXPECT_NEAR(detectable_ks_distance(10000, 0.01, 0.5), 0.016276, 1e-6);
}

}  // namespace
}  // namespace cupel::stats
