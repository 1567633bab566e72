#include "stats/power.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "base/random.h"
#include "stats/mcnemar.h"
#include "stats/proportion.h"

namespace cupel::stats {
namespace {

TestDesign design(double power, double alpha = 0.05) { return {alpha, power, Alternative::two_sided, 0.5}; }

TEST(Power, RsPowerFunctionsAreReproduced) {
  EXPECT_NEAR(*proportions_sample_size(0.5, 0.75, design(0.9)) / 2, 76.70693, 5e-6);
  EXPECT_NEAR(*proportions_sample_size(0.10, 0.12, design(0.8)) / 2, 3840.847482, 5e-7);
  EXPECT_NEAR(*means_sample_size(0.5, 2, design(0.8)) / 2, 252.1281161, 5e-7);
}

TEST(Power, TheNoncentralTPowerAgreesWithScipy) {
  EXPECT_NEAR(means_power(1, 1.2, 40, design(0.8)), 0.7284655047872262, 1e-9);
  EXPECT_NEAR(means_power(0.5, 1, 126, design(0.8)), 0.7951672941974026, 1e-9);
}

TEST(Power, GsDesignsTotalIsReproduced) { EXPECT_NEAR(*proportions_sample_size(0.1, 0.12, design(0.8)), 7681.695, 5e-4); }

TEST(Power, SpotifysSampleSizesCheckedAgainstGPowerAreReproduced) {
  // tests of spotify/confidence: continuous metric of variance 100 and effect 0.3, power 0.85: 39,906 (a normal limit; t adds one row a side).
  EXPECT_NEAR(*means_sample_size(0.3, 10, design(0.85)), 39'906, 3);
}

TEST(Power, GrowthBooksPowerVectorIsReproduced) {
  // packages/shared/test/power.test.ts: effect 5 % of mean 10, 400,000 users over 3 variations; the error is that of the relative lift.
  const double n = 400'000.0 / 3;
  const double variance = 3909.9997749994377;
  const auto relative_error = [&](double lift) { return std::sqrt(variance / (n * 100) * (1 + (1 + lift) * (1 + lift))); };
  EXPECT_NEAR(normal_power(0.05, relative_error(0.05), 0.05), 0.52144, 5e-6);
  EXPECT_NEAR(normal_power(0.07027, relative_error(0.07027), 0.05), 0.8, 5e-5);
}

TEST(Power, SizesAndDetectableEffectsInvertEachOther) {
  const double total = *proportions_sample_size(0.2, 0.23, design(0.9));
  EXPECT_NEAR(*proportions_detectable(0.2, total, Direction::up, design(0.9)), 0.23, 1e-9);
  EXPECT_NEAR(*means_detectable(2, *means_sample_size(0.5, 2, design(0.8)), design(0.8)), 0.5, 1e-9);
}

TEST(Power, UnequalArmsCostRows) {
  TestDesign uneven = design(0.8);
  uneven.share_of_treatment = 0.1;
  const double ratio = *means_sample_size(0.5, 2, uneven) / *means_sample_size(0.5, 2, design(0.8));
  EXPECT_NEAR(ratio, 0.25 / (0.1 * 0.9), 0.02);
}

TEST(Power, MistakesAreNamed) {
  EXPECT_EQ(proportions_sample_size(0.2, 0.2, design(0.8)).error().message, "both shares are 20.00 %, expected a difference to detect");
  EXPECT_EQ(proportions_detectable(0.5, 4, Direction::up, design(0.8)).error().message,
            "4 units detect no share above 50.00 % with power 80.00 %");
  EXPECT_FALSE(means_sample_size(0, 1, design(0.8)));
}

TEST(Power, PairedModelsNeedFewRowsWhenTheyRarelyDisagree) {
  // Simulated independently: accuracy 0.87 against 0.88 on 4,698 rows, McNemar power .98/.80/.52/.35 at disagreement 3/6/12/20 %.
  for (const auto& [disagree, power] : {std::pair{0.03, 0.98}, std::pair{0.06, 0.80}, std::pair{0.12, 0.52}, std::pair{0.20, 0.35}}) {
    EXPECT_NEAR(mcnemar_power((disagree - 0.01) / 2, (disagree + 0.01) / 2, 4698, design(0.8)), power, 0.02) << disagree;
  }
}

TEST(Power, SimulatedMcNemarTestsReachThePlannedPower) {
  const int runs = std::getenv("CUPEL_SLOW") ? 10'000 : 1000;
  const double pairs = std::ceil(*mcnemar_sample_size(0.03, 0.05, design(0.8)));
  int found = 0;
  for (int run = 0; run < runs; ++run) {
    Random random(1, "paired", static_cast<std::uint64_t>(run));
    std::int64_t b = 0;
    std::int64_t c = 0;
    for (double i = 0; i < pairs; ++i) {
      const double u = random.uniform();
      b += u < 0.03 ? 1 : 0;
      c += u >= 0.03 && u < 0.08 ? 1 : 0;
    }
    found += mcnemar_mid_p(b, c) <= 0.05 ? 1 : 0;
  }
  EXPECT_TRUE(clopper_pearson(found, runs, 0.999).contains(0.8)) << found;
}

}  // namespace
}  // namespace cupel::stats
