#include "stats/ks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "base/random.h"
#include "stats/distributions.h"
#include "stats/ks_distribution.h"
#include "stats/proportion.h"
#include "stats/random_counts.h"

namespace cupel::stats {
namespace {

using Values = std::vector<double>;

const Values k_x = {0.5, 1.2, 1.9, 2.3, 2.8, 3.1, 3.6, 4.0, 4.4, 5.1};
const Values k_y = {1, 2, 2.9, 3.3, 4.1, 4.7, 5.2, 5.8, 6.5, 7.7, 8.1, 9};

Values sorted(Values values) {
  std::sort(values.begin(), values.end());
  return values;
}

TEST(KolmogorovSmirnov, TheNullDistributionAgreesWithScipyEverywhere) {
  // scipy 1.17.1, stats.kstwo.sf. Beyond n = 140 in the body both use an expansion good to 5 digits or more.
  const struct {
    std::int64_t n;
    double d;
    double survival;
    double relative;
  } cases[] = {{5, 0.3, 0.664, 1e-12},
               {10, 0.274, 0.3715203845434957, 1e-12},
               {10, 0.5, 0.00777741, 1e-12},
               {100, 0.08, 0.5182193645480672, 1e-12},
               {100, 0.2, 0.0005551927327988775, 1e-9},
               {140, 0.1, 0.11353657290090946, 1e-12},
               {300, 0.05, 0.42744120502346905, 1e-9},
               {300, 0.12, 0.0003195501384250739, 1e-9},
               {500, 0.03, 0.7473166700457021, 1e-9},
               {1000, 0.03, 0.3226902143914636, 1e-9},
               {1000, 0.05, 0.013012074781090332, 1e-9},
               {5000, 0.01, 0.6954557253913853, 1e-9},
               {20000, 0.02, 2.2181270070049744e-07, 1e-9},
               {200000, 0.003, 0.0545369786611305, 1e-9},
               {200000, 0.005, 9.049367287273853e-05, 1e-4}};
  for (const auto& c : cases) {
    EXPECT_NEAR(ks_survival(c.n, c.d), c.survival, c.survival * c.relative) << "n " << c.n << " d " << c.d;
    EXPECT_NEAR(ks_cdf(c.n, c.d), 1 - c.survival, c.survival * c.relative + 1e-12) << "n " << c.n << " d " << c.d;
  }
}

TEST(KolmogorovSmirnov, QuantilesInvertTheDistribution) {
  for (const std::int64_t n : {1, 2, 10, 57, 700, 50'000}) {
    for (const double p : {0.05, 0.5, 0.95, 0.99}) EXPECT_NEAR(ks_cdf(n, ks_quantile(p, n)), p, 1e-6) << n << " " << p;
  }
  // Massey 1951, table 1: critical values for n = 20, 5 % and 1 %.
  EXPECT_NEAR(ks_quantile(0.95, 20), 0.294, 5e-4);
  EXPECT_NEAR(ks_quantile(0.99, 20), 0.352, 5e-4);
}

TEST(KolmogorovSmirnov, OneSampleAgreesWithScipy) {
  const Values x = sorted({0.1, 0.4, 0.7, 0.2, 0.9, 0.33, 0.51, 0.62});
  const auto uniform = ks_one_sample(x, [](double v) { return uniform_cdf(v, 0, 1); });
  EXPECT_NEAR(uniform->statistic, 0.175, 1e-12);
  EXPECT_NEAR(uniform->p_value, 0.9336448008789061, 1e-12);
  EXPECT_EQ(uniform->location, 0.7);
  const auto normal = ks_one_sample(x, normal_cdf);
  EXPECT_NEAR(normal->statistic, 0.539827837277029, 1e-12);
  EXPECT_NEAR(normal->p_value, 0.010410665401182542, 1e-12);
}

TEST(KolmogorovSmirnov, TwoSamplesReproduceTheReferenceVector) {
  const auto test = ks_two_sample(k_x, k_y, {});
  EXPECT_EQ(test->statistic, 0.5);
  EXPECT_EQ(test->method, PValueMethod::exact);
  EXPECT_NEAR(test->p_value, 0.09270296267, 5e-12);
  EXPECT_NEAR(ks_two_sample_asymptotic(0.5, 10, 12), 0.1307582241, 5e-11);
}

TEST(KolmogorovSmirnov, LargerSamplesAgreeWithScipysExactCount) {
  Values x;
  Values y;
  for (int i = 0; i < 800; ++i) x.push_back(((i * 7919) % 10007) / 10007.0);
  for (std::int64_t i = 0; i < 1100; ++i) y.push_back(static_cast<double>((i * 104729 + 5) % 10009) / 10009.0 * 1.05);
  const auto test = ks_two_sample(sorted(x), sorted(y), {});
  EXPECT_NEAR(test->statistic, 0.04840909090909091, 1e-15);
  EXPECT_NEAR(test->p_value, 0.21972491887908865, 1e-12);
}

TEST(KolmogorovSmirnov, TiesAreHandledAsTheyAre) {
  // All C(14, 6) and C(9, 4) splits enumerated in exact arithmetic: 26/231 and 1/6.
  const auto ties = ks_two_sample(Values{1, 1, 2, 2, 3, 5}, Values{2, 3, 3, 4, 4, 5, 6, 6}, {});
  EXPECT_NEAR(ties->statistic, 26.0 / 48, 1e-15);
  EXPECT_NEAR(ties->p_value, 26.0 / 231, 1e-14);
  EXPECT_NEAR(ks_two_sample(Values{1, 2, 2, 2}, Values{2, 2, 3, 3, 3}, {})->p_value, 1.0 / 6, 1e-14);
}

TEST(KolmogorovSmirnov, CountsGiveTheSameAsValues) {
  const std::vector<std::int64_t> x{2, 2, 1, 0, 1, 0};
  const std::vector<std::int64_t> y{0, 1, 2, 2, 1, 2};
  EXPECT_NEAR(ks_two_sample_counts(x, y, {})->p_value, 26.0 / 231, 1e-14);
}

TEST(KolmogorovSmirnov, SmallPValuesKeepTheirDigits) {
  Values x;
  Values y;
  for (int i = 0; i < 60; ++i) x.push_back(i), y.push_back(1000 + i);
  // Complete separation: 2 of C(120, 60) splits.
  EXPECT_NEAR(ks_two_sample(x, y, {})->p_value * std::exp(log_choose(120, 60)), 2, 1e-9);
}

TEST(KolmogorovSmirnov, LargeTiedSamplesAreSimulatedAndNotConservative) {
  const int runs = std::getenv("CUPEL_SLOW") ? 2000 : 40;
  int alarms = 0;
  for (int run = 0; run < runs; ++run) {
    Random random(3, "ties", static_cast<std::uint64_t>(run));
    const Values shares{0.05, 0.1, 0.15, 0.3, 0.4};
    std::vector<std::int64_t> x(5);
    std::vector<std::int64_t> y(5);
    random_multinomial(random, 2'000'000, shares, x);
    random_multinomial(random, 2'000'000, shares, y);
    const auto test = ks_two_sample_counts(x, y, {static_cast<std::uint64_t>(run), "case", 999});
    EXPECT_EQ(test->method, PValueMethod::simulated);
    alarms += test->p_value <= 0.2 ? 1 : 0;
  }
  const Interval rate = clopper_pearson(alarms, runs, 0.999);
  EXPECT_TRUE(rate.contains(0.2)) << alarms << " of " << runs;
}

TEST(KolmogorovSmirnov, DegenerateSamplesHaveDefinedAnswers) {
  EXPECT_FALSE(ks_two_sample({}, k_y, {}));
  EXPECT_FALSE(ks_one_sample({}, normal_cdf));
  EXPECT_EQ(ks_two_sample(k_x, k_x, {})->p_value, 1);
  EXPECT_EQ(ks_two_sample(Values{3}, Values{4}, {})->p_value, 1);
  EXPECT_EQ(ks_two_sample(Values(50, 7.0), Values(20, 7.0), {})->p_value, 1);
}

TEST(KolmogorovSmirnov, TheIntervalOfTheDistanceCoversTheTruth) {
  const int runs = std::getenv("CUPEL_SLOW") ? 2000 : 20;
  const double truth = 2 * normal_cdf(0.15) - 1;  // of two normals 0.3 standard deviations apart
  int one = 0;
  int two = 0;
  for (int run = 0; run < runs; ++run) {
    Random random(9, "distance", static_cast<std::uint64_t>(run));
    Values x(300);
    Values y(400);
    for (double& v : x) v = random.normal();
    for (double& v : y) v = random.normal() + 0.3;
    x = sorted(x);
    y = sorted(y);
    const auto shifted = ks_one_sample(x, [](double v) { return normal_cdf(v - 0.3); });
    one += ks_distance_interval(shifted->statistic, 300, 0.9).interval.contains(truth) ? 1 : 0;
    const auto both = ks_two_sample(x, y, {});
    two += ks_distance_interval(x, y, both->statistic, 0.9, {1, "case", 999}).interval.contains(truth) ? 1 : 0;
  }
  EXPECT_GE(clopper_pearson_upper(one, runs, 0.999), 0.9) << one;
  EXPECT_GE(clopper_pearson_upper(two, runs, 0.999), 0.9) << two;
}

TEST(KolmogorovSmirnovDeathTest, AnUnsortedSampleIsOurOwnBug) {
  EXPECT_DEATH((void)ks_two_sample(Values{2, 1}, k_y, {}), "not sorted");
}

}  // namespace
}  // namespace cupel::stats
