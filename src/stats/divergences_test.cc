#include "stats/divergences.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace cupel::stats {
namespace {

using Values = std::vector<double>;
using Counts = std::vector<std::int64_t>;

const Values k_x = {0.5, 1.2, 1.9, 2.3, 2.8, 3.1, 3.6, 4.0, 4.4, 5.1};
const Values k_y = {1, 2, 2.9, 3.3, 4.1, 4.7, 5.2, 5.8, 6.5, 7.7, 8.1, 9};
const Values k_p = {0.6, 0.3, 0.1};
const Values k_q = {0.45, 0.35, 0.2};

TEST(Divergences, ReferenceVectorsOfSharesAreReproduced) {
  EXPECT_NEAR(population_stability_index(Counts{120, 60, 20}, Counts{90, 70, 40}).value, 0.1201745629, 5e-11);
  EXPECT_NEAR(jensen_shannon_distance(k_p, k_q), 0.1217906221, 5e-11);
  EXPECT_NEAR(jensen_shannon_distance_base2(k_p, k_q), 0.1462854454, 5e-11);
  EXPECT_NEAR(hellinger(k_p, k_q), 0.1221735101, 5e-11);
  EXPECT_NEAR(kullback_leibler(k_p, k_q), 0.0570493215, 5e-11);
  EXPECT_NEAR(kullback_leibler(k_q, k_p), 0.0631252414, 5e-11);
}

TEST(Divergences, ReferenceVectorsOfSamplesAreReproduced) {
  EXPECT_NEAR(wasserstein(k_x, k_y), 2.135, 1e-12);
  EXPECT_NEAR(energy_distance(k_x, k_y), 1.1612971674, 5e-11);
  EXPECT_NEAR(cramer_von_mises(k_x, k_y).statistic, 0.50454545454545, 5e-14);
  EXPECT_NEAR(cramer_von_mises(k_x, k_y).p_value, 0.0385315899, 5e-11);
}

TEST(Divergences, TiesAgreeWithScipy) {
  const Values x{0.5, 1.2, 1.9, 2.3, 2.8};
  const Values y{1, 2, 2, 2.9, 3.3, 4.1};
  EXPECT_NEAR(wasserstein(x, y), 0.81, 1e-12);
  EXPECT_NEAR(energy_distance(x, y), 0.6584493568647142, 1e-12);
  Values x3;
  Values y3;
  for (const double v : x) x3.insert(x3.end(), 3, v);
  for (const double v : y) y3.insert(y3.end(), 3, v);
  EXPECT_NEAR(cramer_von_mises(x3, y3).statistic, 0.6552188552188545, 1e-12);
  EXPECT_NEAR(cramer_von_mises(x3, y3).p_value, 0.016089825159510962, 1e-10);
}

TEST(Divergences, TheStabilityIndexIsFiniteAndWithoutItsBiasUnderNoDrift) {
  EXPECT_TRUE(std::isfinite(population_stability_index(Counts{10, 0}, Counts{0, 10}).value));
  const StabilityIndex same = population_stability_index(Counts{101, 99, 100}, Counts{99, 101, 100});
  EXPECT_GT(same.value, 0);
  EXPECT_EQ(same.debiased, 0);
}

TEST(Divergences, EqualSamplesAreAtNoDistance) {
  EXPECT_EQ(wasserstein(k_x, k_x), 0);
  EXPECT_EQ(energy_distance(k_x, k_x), 0);
  EXPECT_EQ(hellinger(k_p, k_p), 0);
  EXPECT_EQ(jensen_shannon_distance(k_p, k_p), 0);
  EXPECT_TRUE(std::isinf(kullback_leibler(Values{0.5, 0.5}, Values{1, 0})));
  EXPECT_NEAR(jensen_shannon_distance_base2(Values{1, 0}, Values{0, 1}), 1, 1e-15);
}

}  // namespace
}  // namespace cupel::stats
