#include "stats/confidence_sequence.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "base/random.h"
#include "stats/means.h"
#include "stats/proportion.h"

namespace cupel::stats {
namespace {

// GrowthBook gbstats, tests/frequentist/test_tests.py; the first arm has 3,000 units.
const SampleMoments k_a = SampleMoments::from_sums(3000, 1396.87, 52377.9767);
const SampleMoments k_b = SampleMoments::from_sums(3461, 2422.7, 134698.29);

TEST(ConfidenceSequence, GrowthBooksVectorsAreReproduced) {
  const Estimate lift = relative_difference(k_a, k_b);
  const Interval tuned = confidence_sequence(lift.value, lift.standard_error, 6461, 0.95, 1000);
  EXPECT_NEAR(lift.value, 0.50336, 5e-6);
  EXPECT_NEAR(lift.standard_error, 0.33341, 5e-6);
  EXPECT_NEAR(tuned.low, -0.55844, 5e-6);
  EXPECT_NEAR(tuned.high, 1.56516, 5e-6);
  EXPECT_EQ(always_valid_p_value(lift.value, lift.standard_error, 6461, 0.05, 1000), 1);

  const Estimate shares = relative_difference(SampleMoments::of_proportion(1396, 3000), SampleMoments::of_proportion(2422, 3461));
  const Interval interval = confidence_sequence(shares.value, shares.standard_error, 6461, 0.95);
  EXPECT_NEAR(shares.value, 0.50386, 5e-6);
  EXPECT_NEAR(shares.standard_error, 0.03386, 5e-6);
  EXPECT_NEAR(interval.low, 0.40098, 5e-6);
  EXPECT_NEAR(interval.high, 0.60675, 5e-6);
  EXPECT_NEAR(always_valid_p_value(shares.value, shares.standard_error, 6461, 0.05), 0, 5e-6);
}

TEST(ConfidenceSequence, GrowthBooksAggregateVectorIsReproduced) {
  const Estimate lift = relative_difference(SampleMoments::from_sums(100, 270, 848.79), SampleMoments::from_sums(120, 300, 869));
  EXPECT_NEAR(always_valid_p_value(lift.value, lift.standard_error, 220, 0.05, 600), 0.892332229, 5e-10);
  EXPECT_NEAR(confidence_sequence(lift.value, lift.standard_error, 220, 0.95, 600).low, -0.233322085, 5e-10);
}

TEST(ConfidenceSequence, GrowthBooksOneSidedVectorsAreReproduced) {
  const Estimate relative = relative_difference(k_a, k_b);
  EXPECT_NEAR(confidence_sequence_one_sided(relative.value, relative.standard_error, 6461, 0.95, Alternative::greater).low,
              -0.42356454602790883, 1e-9);
  const Estimate absolute = welch_difference(k_a, k_b);
  EXPECT_NEAR(confidence_sequence_one_sided(absolute.value, absolute.standard_error, 6461, 0.95, Alternative::greater).low,
              -0.12656844172804982, 1e-9);
}

TEST(ConfidenceSequence, WidthsOverTheFixedIntervalAreAsMeasured) {
  for (const auto& [n, ratio] : {std::pair{500, 1.97}, std::pair{1000, 1.72}, std::pair{5000, 1.55}, std::pair{50'000, 1.65}}) {
    EXPECT_NEAR(confidence_sequence(0, 1, n, 0.95).width() / (2 * 1.959964), ratio, 0.006) << n;
  }
}

TEST(ConfidenceSequence, TheMixtureRatioVectorIsReproduced) {
  EXPECT_NEAR(mixture_likelihood_ratio(0.05, 4e-4, 0.01), 3.958081441107, 5e-13);
  EXPECT_NEAR(1 / mixture_likelihood_ratio(0.05, 4e-4, 0.01), 0.252647656416, 5e-13);
}

TEST(ConfidenceSequence, AHundredLooksKeepTheFalseAlarmsBelowTheirRateWhereAFixedTestDoesNot) {
  const int runs = std::getenv("CUPEL_SLOW") ? 5000 : 400;
  int sequence = 0;
  int mixture = 0;
  int fixed = 0;
  for (int run = 0; run < runs; ++run) {
    Random random(1, "peeking", static_cast<std::uint64_t>(run));
    double sum = 0;
    bool by_sequence = false;
    bool by_mixture = false;
    bool by_fixed = false;
    for (int look = 1; look <= 100; ++look) {
      for (int i = 0; i < 40; ++i) sum += random.normal();
      const double n = 40.0 * look;
      const double error = 2 / std::sqrt(n);  // of a difference between halves of n units
      const double difference = 2 * sum / n;
      by_sequence |= !confidence_sequence(difference, error, n, 0.95).contains(0);
      by_mixture |= mixture_likelihood_ratio(difference, error * error, 0.01) >= 20;
      by_fixed |= std::abs(difference) > 1.96 * error;
    }
    sequence += by_sequence ? 1 : 0;
    mixture += by_mixture ? 1 : 0;
    fixed += by_fixed ? 1 : 0;
  }
  EXPECT_LE(clopper_pearson_lower(sequence, runs, 0.999), 0.05) << sequence;
  EXPECT_LE(clopper_pearson_lower(mixture, runs, 0.999), 0.05) << mixture;
  EXPECT_GT(clopper_pearson_lower(fixed, runs, 0.999), 0.25) << fixed;
}

TEST(ConfidenceSequence, NoErrorAndNoInformationHaveDefinedPValues) {
  EXPECT_EQ(always_valid_p_value(0, 0, 10, 0.05), 1);
  EXPECT_EQ(always_valid_p_value(1, 0, 10, 0.05), 0);
  EXPECT_EQ(always_valid_p_value(1, std::numeric_limits<double>::infinity(), 10, 0.05), 1);
}

}  // namespace
}  // namespace cupel::stats
