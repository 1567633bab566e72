#include "stats/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "base/random.h"
#include "stats/proportion.h"
#include "stats/sample_moments.h"

namespace cupel::stats {
namespace {

WeightedStatistic mean_of(const std::vector<double>& values) {
  return [&values](std::span<const double> weights) {
    double sum = 0;
    double total = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * values[i], total += weights[i];
    return sum / total;
  };
}

TEST(Bootstrap, TheStandardErrorOfAMeanIsTheKnownOne) {
  std::vector<double> values;
  for (int i = 0; i < 200; ++i) values.push_back(i % 17);
  const auto result = bootstrap(values.size(), mean_of(values), {0.95, 4000, 1, "case", 1});
  const SampleMoments moments = sample_moments(values);
  const double known = std::sqrt(moments.variance * 199 / 200 / 200);
  EXPECT_EQ(result->estimate, moments.mean);
  EXPECT_NEAR(result->standard_error, known, known * 0.04);  // about 3.5 errors of a standard deviation from 4,000 resamples
  EXPECT_NEAR(result->percentile.low, moments.mean - 1.96 * known, 0.1 * known * 2);
  EXPECT_NEAR(result->bca.high, moments.mean + 1.96 * known, 0.1 * known * 2);
}

TEST(Bootstrap, TheResultDoesNotDependOnThreads) {
  std::vector<double> values;
  for (int i = 0; i < 500; ++i) values.push_back(std::sin(i));
  const auto one = bootstrap(values.size(), mean_of(values), {0.9, 300, 5, "case", 1});
  const auto four = bootstrap(values.size(), mean_of(values), {0.9, 300, 5, "case", 4});
  EXPECT_EQ(one->bca.low, four->bca.low);
  EXPECT_EQ(one->percentile.high, four->percentile.high);
  EXPECT_EQ(one->standard_error, four->standard_error);
}

TEST(Bootstrap, BcaShiftsASkewedIntervalTowardsTheLongTail) {
  std::vector<double> values;
  for (int i = 1; i <= 60; ++i) values.push_back(std::exp(i / 12.0));
  const auto result = bootstrap(values.size(), mean_of(values), {0.95, 3000, 2, "case", 1});
  EXPECT_GT(result->bca.low, result->percentile.low);
  EXPECT_GT(result->bca.high, result->percentile.high);
}

TEST(Bootstrap, ClustersComeAndGoTogether) {
  // 40 clusters of 25 equal rows: the error is that of 40 values, not of 1,000.
  std::vector<double> values;
  std::vector<std::uint32_t> clusters;
  for (std::uint32_t c = 0; c < 40; ++c) {
    for (int i = 0; i < 25; ++i) values.push_back(c % 7), clusters.push_back(c);
  }
  const auto naive = bootstrap(values.size(), mean_of(values), {0.95, 1500, 3, "case", 1});
  const auto honest = cluster_bootstrap(clusters, mean_of(values), {0.95, 1500, 3, "case", 1});
  EXPECT_NEAR(honest->standard_error / naive->standard_error, 5, 0.5);  // sqrt(25)
}

TEST(Bootstrap, AStatisticWithoutAValueIsNamed) {
  const WeightedStatistic never = [](std::span<const double>) { return std::numeric_limits<double>::quiet_NaN(); };
  EXPECT_EQ(bootstrap(5, never, {}).error().message, "the statistic has no value on these 5 rows");
  EXPECT_FALSE(bootstrap(0, never, {}));
  EXPECT_FALSE(cluster_bootstrap(std::vector<std::uint32_t>{0, 0}, never, {}));
}

TEST(Bootstrap, IntervalsOfAMeanCoverItAboutAsOftenAsTheySay) {
  const int runs = std::getenv("CUPEL_SLOW") ? 2000 : 60;
  int covered = 0;
  for (int run = 0; run < runs; ++run) {
    Random random(8, "coverage", static_cast<std::uint64_t>(run));
    std::vector<double> values(120);
    for (double& v : values) v = -std::log(1 - random.uniform());
    const auto result = bootstrap(values.size(), mean_of(values), {0.9, 400, static_cast<std::uint64_t>(run), "case", 1});
    covered += result->bca.contains(1) ? 1 : 0;
  }
  // A skewed sample of 120 and 400 resamples cost a little coverage: scipy 1.17.1's BCa covers in 0.878 of 1,500 such samples.
  EXPECT_TRUE(clopper_pearson(covered, runs, 0.999).contains(0.878)) << covered << " of " << runs;
}

}  // namespace
}  // namespace cupel::stats
