#include "base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace cupel {
namespace {

TEST(Random, TheSameNameGivesTheSameNumbers) {
  Random a(7, "bootstrap", 3);
  Random b(7, "bootstrap", 3);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.next(), b.next());
  EXPECT_NE(Random(7, "bootstrap", 3).next(), Random(7, "bootstrap", 4).next());
  EXPECT_NE(Random(7, "bootstrap", 3).next(), Random(8, "bootstrap", 3).next());
  EXPECT_NE(Random(7, "bootstrap", 3).next(), Random(7, "permutation", 3).next());
}

TEST(Random, BelowIsUniform) {
  Random random(1, "below");
  std::vector<int> counts(7);
  constexpr int k_draws = 70'000;
  for (int i = 0; i < k_draws; ++i) ++counts[random.below(7)];
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - 10'000.0) * (count - 10'000.0) / 10'000.0;
  EXPECT_LT(chi_square, 22.46);  // 99.9 % quantile at 6 degrees of freedom
}

TEST(Random, NormalHasItsMoments) {
  Random random(1, "normal");
  constexpr int k_draws = 100'000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < k_draws; ++i) {
    const double x = random.normal();
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / k_draws, 0, 4 / std::sqrt(k_draws));
  EXPECT_NEAR(squares / k_draws, 1, 4 * std::sqrt(2.0 / k_draws));
}

}  // namespace
}  // namespace cupel
