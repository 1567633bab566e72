#include "stats/detectable.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "stats/chi_square.h"
#include "stats/ks.h"

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

/// Share of 400 samples of 2,000 rows, drawn from shares that moved by `distance`, in which the chi-square test finds it.
double chi_square_power(double distance) {
  const std::array<double, 4> stated = {0.4, 0.3, 0.2, 0.1};
  const std::array<double, 4> moved = {0.4 - distance, 0.3 + distance, 0.2, 0.1};
  int found = 0;
  constexpr int k_samples = 400;
  for (int sample = 0; sample < k_samples; ++sample) {
    Random random(1, "detectable_test", static_cast<std::uint64_t>(sample));
    std::array<std::int64_t, 4> counts{};
    for (int row = 0; row < 2000; ++row) {
      double left = random.uniform();
      std::size_t value = 0;
      while (value < 3 && left >= moved[value]) left -= moved[value++];
      ++counts[value];
    }
    found += chi_square_shares(counts, stated, Simulation{}).value().p_value < 0.01 ? 1 : 0;
  }
  return found / static_cast<double>(k_samples);
}

TEST(DetectableTotalVariation, IsFoundAtLeastAsOftenAsStated) {
  const double distance = detectable_total_variation(2000, 3, 0.01, 0.8);
  EXPECT_GE(chi_square_power(distance), 0.74);       // 0.8 minus three standard errors: the bound holds in every direction
  EXPECT_LE(chi_square_power(distance / 4), 0.25);   // and it is no empty promise: much smaller ones are missed
}

TEST(DetectableKsDistance, IsFoundAtLeastAsOftenAsStated) {
  constexpr int k_rows = 500;
  const double distance = detectable_ks_distance(k_rows, 0.01, 0.8);
  int found = 0;
  constexpr int k_samples = 400;
  for (int sample = 0; sample < k_samples; ++sample) {
    Random random(2, "detectable_test", static_cast<std::uint64_t>(sample));
    // Mass `distance` moves from just above 0.5 to far below: the distribution functions differ by it at 0.5.
    std::vector<double> values;
    for (int row = 0; row < k_rows; ++row) {
      const double u = random.uniform();
      values.push_back(u >= 0.5 && u < 0.5 + distance ? (u - 0.5) / distance * 0.5 : u);
    }
    std::sort(values.begin(), values.end());
    found += ks_one_sample(values, [](double x) { return std::clamp(x, 0.0, 1.0); }).value().p_value < 0.01 ? 1 : 0;
  }
  EXPECT_GE(found / static_cast<double>(k_samples), 0.74);
}

}  // namespace
}  // namespace cupel::stats
