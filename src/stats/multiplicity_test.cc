#include "stats/multiplicity.h"

#include <gtest/gtest.h>

#include <vector>

namespace cupel::stats {
namespace {

using Values = std::vector<double>;

void expect_all(const Values& actual, const Values& expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], tolerance) << i;
}

TEST(Multiplicity, GrowthBooksVectorsAreReproduced) {
  expect_all(adjusted_p_values(Values{0.01, 0.04, 0.03, 0.005, 0.55, 0.6}, Correction::holm), {0.05, 0.12, 0.12, 0.03, 1, 1}, 1e-12);
  expect_all(adjusted_p_values(Values{0.898, 0.138, 0.007, 0.964, 0.538, 0.006, 0.138}, Correction::benjamini_hochberg),
             {0.964, 0.2415, 0.0245, 0.964, 0.7532, 0.0245, 0.2415}, 1e-12);
}

TEST(Multiplicity, RsPAdjustIsReproduced) {
  const Values p{0.01, 0.02, 0.03, 0.04, 0.05};
  expect_all(adjusted_p_values(p, Correction::holm), {0.05, 0.08, 0.09, 0.09, 0.09}, 1e-12);
  expect_all(adjusted_p_values(p, Correction::benjamini_yekutieli), Values(5, 0.1141666667), 5e-11);
  expect_all(adjusted_p_values(p, Correction::hommel), Values(5, 0.05), 1e-12);
}

TEST(Multiplicity, SpotifysBonferroniVectorIsReproduced) {
  expect_all(adjusted_p_values(Values{9.81084197e-01, 1.65836862e-01, 1.99439850e-05, 7.00932382e-02, 9.00993166e-08}, Correction::bonferroni),
             {1, 0.82918431, 9.9719925e-05, 0.350466191, 4.50496583e-07}, 1e-8);
}

TEST(Multiplicity, TheHochbergVectorOfBenjaminiAndHochberg1995IsReproduced) {
  // 25 p-values of which the first six are given; the rest are 1 for all that matters to the first.
  Values p{0.001, 0.008, 0.039, 0.041, 0.042, 0.06};
  p.resize(25, 1.0);
  const Values bh = adjusted_p_values(p, Correction::benjamini_hochberg);
  EXPECT_NEAR(bh[0], 0.025, 1e-12);
  EXPECT_NEAR(bh[1], 0.1, 1e-12);
  EXPECT_NEAR(bh[2], 0.21, 1e-12);
  EXPECT_NEAR(bh[3], 0.21, 1e-12);
  EXPECT_NEAR(bh[4], 0.21, 1e-12);
  EXPECT_NEAR(bh[5], 0.25, 1e-12);
  const Values by = adjusted_p_values(p, Correction::benjamini_yekutieli);
  EXPECT_NEAR(by[0], 0.095399, 5e-7);
  EXPECT_NEAR(by[1], 0.381596, 5e-7);
  EXPECT_NEAR(by[2], 0.801351, 5e-7);
  const Values holm = adjusted_p_values(p, Correction::holm);
  expect_all({holm[0], holm[1], holm[2], holm[3], holm[4], holm[5]}, {0.025, 0.192, 0.897, 0.902, 0.902, 1}, 1e-12);
}

TEST(Multiplicity, HommelIsAtMostHolmAndAtLeastThePValue) {
  const Values p{0.011, 0.3, 0.002, 0.04, 0.04, 0.7, 0.12};
  const Values hommel = adjusted_p_values(p, Correction::hommel);
  const Values holm = adjusted_p_values(p, Correction::holm);
  for (std::size_t i = 0; i < p.size(); ++i) {
    EXPECT_LE(hommel[i], holm[i]);
    EXPECT_GE(hommel[i], p[i]);
  }
}

TEST(Multiplicity, OneOrNoHypothesisIsLeftAlone) {
  for (const std::string_view name : correction_names()) {
    const Correction correction = *correction_named(name);
    EXPECT_EQ(correction_name(correction), name);
    EXPECT_TRUE(adjusted_p_values({}, correction).empty());
    EXPECT_EQ(adjusted_p_values(Values{0.03}, correction), Values{0.03}) << name;
  }
  EXPECT_EQ(correction_named("hochberg"), std::nullopt);
}

}  // namespace
}  // namespace cupel::stats
