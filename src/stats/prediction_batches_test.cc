#include "stats/prediction_batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace cupel::stats {
namespace {

TEST(RecordPValue, IsTheShareOfOrdersOfThreeAndFourBatches) {
  // Of the 6 orders of 3 values 2 have no further maximum, 3 have one, 1 has two; of 24 orders of 4: 6, 11, 6, 1 (Stirling numbers of the first kind).
  const std::vector<std::int64_t> three(3, 100);
  EXPECT_DOUBLE_EQ(record_p_value(three, 0), 1);
  EXPECT_NEAR(record_p_value(three, 1), 4.0 / 6, 1e-12);
  EXPECT_NEAR(record_p_value(three, 2), 1.0 / 6, 1e-12);
  EXPECT_EQ(record_p_value(three, 3), 0);
  const std::vector<std::int64_t> four(4, 10);
  EXPECT_NEAR(record_p_value(four, 1), 18.0 / 24, 1e-12);
  EXPECT_NEAR(record_p_value(four, 2), 7.0 / 24, 1e-12);
  EXPECT_NEAR(record_p_value(four, 3), 1.0 / 24, 1e-12);
}

TEST(RecordPValue, LargerBatchesHoldMoreRecordsAndEmptyOnesNone) {
  EXPECT_NEAR(record_p_value(std::vector<std::int64_t>{100, 0, 300}, 1), 0.75, 1e-12);
  // A small batch after a large one: by its order, not by its rows, since batches may differ in level.
  EXPECT_NEAR(record_p_value(std::vector<std::int64_t>{300, 100}, 1), 0.5, 1e-12);
}

TEST(BurstPValue, IsTheNegativeBinomialTail) {
  EXPECT_EQ(burst_p_value(std::vector<std::int64_t>{1, 1, 1}, 0.1), 1);
  EXPECT_NEAR(burst_p_value(std::vector<std::int64_t>{3}, 0.1), 0.01, 1e-12);                               // two more
  EXPECT_NEAR(burst_p_value(std::vector<std::int64_t>{2, 1}, 0.1), 1 - 0.81, 1e-12);                         // any at all
  EXPECT_NEAR(burst_p_value(std::vector<std::int64_t>{1, 3}, 0.1), 1 - 0.81 - 2 * 0.1 * 0.81, 1e-12);  // two or more
  EXPECT_EQ(burst_p_value({}, 0.1), 1);
}

TEST(BurstPrediction, IsTheBetaGeometricTail) {
  // One burst of one row in 98 batches: comes with 2 / 100; a = 1, b = 1/2, P(X >= x) = B(1, 1/2 + x) / B(1, 1/2) = 1 / (1 + 2 x).
  const std::vector<std::int64_t> one{1};
  const double alpha = 0.001;
  const std::int64_t most = burst_prediction(98, 1, one, 1000, alpha);
  const auto tail = [](double x) { return 0.02 / (1 + 2 * x); };
  EXPECT_LE(tail(static_cast<double>(most)), alpha);
  EXPECT_GT(tail(static_cast<double>(most - 1)), alpha);
}

TEST(BurstPrediction, NothingIsPromisedThatIsNotKnown) {
  EXPECT_EQ(burst_prediction(50, 0, {}, 400, 0.01), 400);
  EXPECT_EQ(burst_prediction(50, 0, {}, 400, 0.02), 0);  // 1 / 52
  EXPECT_EQ(burst_prediction(5, 5, std::vector<std::int64_t>{200, 300, 250, 100, 390}, 400, 1e-4), 400);
}

TEST(BurstPrediction, HoldsOverBothSamplesWhenBurstsAreGeometric) {
  constexpr int k_runs = 4000;
  constexpr double k_alpha = 0.02;
  for (const double mean : {1.0, 4.0, 30.0}) {
    int beyond = 0;
    for (int run = 0; run < k_runs; ++run) {
      Random random(3, "bursts", static_cast<std::uint64_t>(run));
      const auto burst = [&]() -> std::int64_t {
        if (random.uniform() >= 0.3) return 0;
        return mean == 1 ? 1 : 1 + static_cast<std::int64_t>(std::log(1 - random.uniform()) / std::log(1 - 1 / mean));
      };
      std::vector<std::int64_t> sizes;
      for (int b = 0; b < 20; ++b) {
        if (const std::int64_t size = burst(); size > 0) sizes.push_back(size);
      }
      const auto hit = static_cast<std::int64_t>(sizes.size());
      beyond += burst() > burst_prediction(20, hit, sizes, 100000, k_alpha) ? 1 : 0;
    }
    EXPECT_LE(beyond, k_alpha * k_runs + 3 * std::sqrt(k_alpha * k_runs)) << mean;
  }
}

}  // namespace
}  // namespace cupel::stats
