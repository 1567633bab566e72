#include "stats/means.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace cupel::stats {
namespace {

using Values = std::vector<double>;

const Values k_sleep_1 = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2};
const Values k_sleep_2 = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

TEST(Means, StudentsSleepDataAgreeWithR) {
  const Estimate welch = welch_difference(sample_moments(k_sleep_2), sample_moments(k_sleep_1));
  EXPECT_NEAR(welch.test().statistic, -1.86081346749, 5e-12);
  EXPECT_NEAR(welch.degrees_of_freedom, 17.77647351618, 5e-12);
  EXPECT_NEAR(welch.test().p_value, 0.07939414019, 5e-12);
  EXPECT_NEAR(welch.interval(0.95).low, -3.3654832307117104, 1e-12);
  EXPECT_NEAR(welch.interval(0.95).high, 0.20548323071171137, 1e-12);
  const TestResult paired = paired_difference_of_means(k_sleep_2, k_sleep_1).test();
  EXPECT_NEAR(paired.statistic, -4.062127683, 5e-10);
  EXPECT_NEAR(paired.p_value, 0.002832890, 5e-10);
  const Estimate student = student_difference(sample_moments(k_sleep_1), sample_moments(k_sleep_2));
  EXPECT_EQ(student.degrees_of_freedom, 18);
  EXPECT_NEAR(student.test().p_value, 0.07918671421593822, 1e-14);
}

TEST(Means, ReferenceVectorWelchAgreesWithScipy) {
  const Values x = {0.5, 1.2, 1.9, 2.3, 2.8, 3.1, 3.6, 4.0, 4.4, 5.1};
  const Values y = {1, 2, 2.9, 3.3, 4.1, 4.7, 5.2, 5.8, 6.5, 7.7, 8.1, 9};
  const TestResult test = welch_difference(sample_moments(x), sample_moments(y)).test();
  EXPECT_NEAR(test.statistic, 2.4948483506, 5e-11);
  EXPECT_NEAR(test.p_value, 0.0225244541, 5e-11);
}

// GrowthBook gbstats, tests/frequentist/test_tests.py.
const SampleMoments k_a = SampleMoments::from_sums(3407, 1396.87, 52377.9767);
const SampleMoments k_b = SampleMoments::from_sums(3461, 2422.7, 134698.29);

TEST(Means, GrowthBooksRelativeAndAbsoluteVectorsAreReproduced) {
  const Estimate relative = relative_difference(k_a, k_b);
  EXPECT_NEAR(relative.value, 0.70732, 5e-6);
  EXPECT_NEAR(relative.standard_error, 0.37879, 5e-6);
  EXPECT_NEAR(relative.interval(0.95).low, -0.03526, 5e-6);
  EXPECT_NEAR(relative.interval(0.95).high, 1.44989, 5e-6);
  EXPECT_NEAR(relative.test().p_value, 0.06191, 5e-6);
  const Estimate absolute = welch_difference(k_a, k_b);
  EXPECT_NEAR(absolute.value, 0.29, 5e-6);
  EXPECT_NEAR(absolute.standard_error, 0.12478, 5e-6);
  EXPECT_NEAR(absolute.interval(0.95).low, 0.04538, 5e-6);
  EXPECT_NEAR(absolute.interval(0.95).high, 0.53462, 5e-6);
  EXPECT_NEAR(absolute.test().p_value, 0.02016, 5e-6);
}

TEST(Means, GrowthBooksProportionVectorIsReproduced) {
  const Estimate lift = relative_difference(SampleMoments::of_proportion(14, 28), SampleMoments::of_proportion(16, 30));
  EXPECT_NEAR(lift.value, 0.06667, 5e-6);
  EXPECT_NEAR(lift.interval(0.95).low, -0.47767, 5e-6);
  EXPECT_NEAR(lift.interval(0.95).high, 0.61101, 5e-6);
  EXPECT_NEAR(lift.test().p_value, 0.80707, 5e-6);
}

TEST(Means, GrowthBooksOneSidedVectorsAreReproduced) {
  const SampleMoments a = SampleMoments::from_sums(3000, 1396.87, 52377.9767);
  const Estimate relative = relative_difference(a, k_b);
  EXPECT_NEAR(relative.one_sided_interval(0.95, Alternative::greater).low, -0.045136675850396046, 1e-9);
  EXPECT_NEAR(relative.test(0, Alternative::greater).p_value, 0.06558262868467746, 1e-9);
  const Estimate absolute = welch_difference(a, k_b);
  EXPECT_NEAR(absolute.one_sided_interval(0.95, Alternative::greater).low, 0.020791480063255735, 1e-9);
  EXPECT_NEAR(absolute.test(0, Alternative::greater).p_value, 0.03554272489873023, 1e-9);
  EXPECT_NEAR(absolute.one_sided_interval(0.95, Alternative::less).high, 0.44796185327007765, 1e-9);
  EXPECT_NEAR(absolute.test(0, Alternative::less).p_value, 0.9644572751012698, 1e-9);
}

TEST(Means, GrowthBooksAggregateVectorIsReproduced) {
  const SampleMoments a = SampleMoments::from_sums(100, 270, 848.79);
  const SampleMoments b = SampleMoments::from_sums(120, 300, 869);
  const Estimate relative = relative_difference(a, b);
  EXPECT_NEAR(relative.value, -0.074074074, 5e-10);
  EXPECT_NEAR(relative.test().p_value, 0.145219005, 5e-10);
}

TEST(Means, SpotifysNonInferiorityBoundsAreReproduced) {
  // tests/frequentist/test_ztest.py: normal limit, 99 %, sums (10021, 25142, 5000) and (9892, 24510, 5000).
  Estimate z = welch_difference(SampleMoments::from_sums(5000, 10021, 25142), SampleMoments::from_sums(5000, 9892, 24510));
  z.degrees_of_freedom = std::numeric_limits<double>::infinity();
  EXPECT_NEAR(z.value, -0.0258, 5e-5);
  EXPECT_NEAR(z.one_sided_interval(0.99, Alternative::greater).low, -0.0723, 5e-5);
  EXPECT_NEAR(z.one_sided_interval(0.99, Alternative::less).high, 0.0207, 5e-5);
}

TEST(Means, DegenerateSamplesHaveDefinedAnswers) {
  const Estimate one = mean_estimate(sample_moments(Values{4}));
  EXPECT_EQ(one.test(3).p_value, 1);
  EXPECT_TRUE(std::isinf(one.interval(0.95).high));
  const Estimate constant = mean_estimate(sample_moments(Values{4, 4, 4}));
  EXPECT_EQ(constant.test(4).p_value, 1);
  EXPECT_EQ(constant.test(3).p_value, 0);
  EXPECT_EQ(constant.interval(0.95).low, 4);
  EXPECT_EQ(welch_difference(sample_moments({}), sample_moments(k_sleep_1)).test().p_value, 1);
  EXPECT_EQ(relative_difference(sample_moments(Values{0, 0}), sample_moments(k_sleep_1)).test().p_value, 1);
}

TEST(SampleMoments, LargeOffsetsKeepTheirDigits) {
  // NIST's NumAcc4 in small: 1e7 + {0.1, 0.2, 0.3}; the variance is 0.01.
  const SampleMoments moments = sample_moments(Values{10000000.1, 10000000.2, 10000000.3});
  EXPECT_NEAR(moments.variance, 0.01, 1e-9);
  EXPECT_NEAR(moments.mean, 10000000.2, 1e-8);
}

TEST(SampleMoments, QuantilesAreNumpysDefault) {
  const Values values = {1, 2, 4, 8, 16, 32};
  EXPECT_EQ(sorted_quantile(values, 0), 1);
  EXPECT_EQ(sorted_quantile(values, 0.1), 1.5);
  EXPECT_EQ(sorted_quantile(values, 0.5), 6);
  EXPECT_EQ(sorted_quantile(values, 0.9), 24);
  EXPECT_EQ(sorted_quantile(values, 1), 32);
}

TEST(SampleMoments, CorrelationIsExactOnALineAndZeroForAConstant) {
  EXPECT_NEAR(correlation(Values{1, 2, 3, 4}, Values{8, 6, 4, 2}), -1, 1e-15);
  EXPECT_EQ(correlation(Values{1, 2, 3}, Values{5, 5, 5}), 0);
}

}  // namespace
}  // namespace cupel::stats
