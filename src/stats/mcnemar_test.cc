#include "stats/mcnemar.h"

#include <gtest/gtest.h>

#include <cmath>

#include "stats/distributions.h"

namespace cupel::stats {
namespace {

TEST(McNemar, RsValuesAreReproduced) {
  const TestResult corrected = mcnemar_asymptotic(150, 86, Continuity::corrected);
  EXPECT_NEAR(corrected.statistic, 16.81779661, 5e-9);
  EXPECT_NEAR(corrected.p_value, 4.114562e-05, 5e-12);
  const TestResult plain = mcnemar_asymptotic(150, 86, Continuity::none);
  EXPECT_NEAR(plain.statistic, 17.35593220, 5e-9);
  EXPECT_NEAR(plain.p_value, 3.099293e-05, 5e-12);
  EXPECT_NEAR(mcnemar_exact(150, 86), 3.715936e-05, 5e-12);
  EXPECT_NEAR(mcnemar_exact(4, 12), 0.0768127441, 5e-11);
  EXPECT_NEAR(mcnemar_mid_p(4, 12), 0.0490417480, 5e-11);
}

TEST(McNemar, AgreementAloneIsNoEvidence) {
  EXPECT_EQ(mcnemar_exact(0, 0), 1);
  EXPECT_EQ(mcnemar_mid_p(0, 0), 1);
  EXPECT_EQ(mcnemar_asymptotic(0, 0, Continuity::corrected).p_value, 1);
  EXPECT_EQ(mcnemar_exact(7, 7), 1);
  EXPECT_NEAR(mcnemar_mid_p(1, 1), 0.75, 1e-15);  // Fagerland et al. 2013: 1 - mass / 2
}

TEST(McNemar, SidesAreSymmetric) {
  EXPECT_EQ(mcnemar_mid_p(3, 9), mcnemar_mid_p(9, 3));
  EXPECT_EQ(mcnemar_exact(3, 9), mcnemar_exact(9, 3));
}

TEST(McNemar, NewcombesPairedIntervalIsReproduced) {
  // Newcombe 1998b, table III, method 10: (36, 12, 2, 0): first minus second 0.0569 to 0.3404.
  const Interval interval = paired_difference({36, 12, 2, 0}, 0.95);
  EXPECT_NEAR(interval.low, -0.3404, 5e-5);
  EXPECT_NEAR(interval.high, -0.0569, 5e-5);
}

TEST(McNemar, DegeneratePairsHaveDefinedIntervals) {
  EXPECT_EQ(paired_difference({0, 0, 0, 0}, 0.95).low, -1);
  const Interval same = paired_difference({50, 0, 0, 50}, 0.95);
  EXPECT_NEAR(same.low, 0, 0.02);
  EXPECT_NEAR(same.high, 0, 0.02);
  EXPECT_FALSE(std::isnan(paired_difference({10, 0, 0, 0}, 0.95).low));
}

TEST(McNemar, ThePairedIntervalCoversItsNominalShare) {
  // All outcomes of 40 pairs with shares (0.6, 0.1, 0.2, 0.1), counted exactly.
  double covered = 0;
  for (std::int64_t b = 0; b <= 40; ++b) {
    for (std::int64_t c = 0; b + c <= 40; ++c) {
      for (std::int64_t a = 0; a + b + c <= 40; ++a) {
        const std::int64_t d = 40 - a - b - c;
        const double log_mass = log_factorial(40) - log_factorial(a) - log_factorial(b) - log_factorial(c) - log_factorial(d) +
                                static_cast<double>(a) * std::log(0.6) + static_cast<double>(b) * std::log(0.1) +
                                static_cast<double>(c) * std::log(0.2) + static_cast<double>(d) * std::log(0.1);
        if (paired_difference({a, b, c, d}, 0.95).contains(0.1)) covered += std::exp(log_mass);
      }
    }
  }
  EXPECT_NEAR(covered, 0.955, 0.01);
}

}  // namespace
}  // namespace cupel::stats
