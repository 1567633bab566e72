#include "stats/proportion.h"

#include <gtest/gtest.h>

#include "stats/distributions.h"

namespace cupel::stats {
namespace {

TEST(Proportion, WilsonAndClopperPearsonAgreeWithScipy) {
  const struct {
    std::int64_t k;
    std::int64_t n;
    Interval wilson;
    Interval exact;
  } cases[] = {
      {15, 148, {0.06238639953073629, 0.16048724172330803}, {0.05784401008344801, 0.16165049034947895}},
      {0, 20, {0, 0.16112515805281935}, {0, 0.16843347098308548}},
      {20, 20, {0.8388748419471808, 1}, {0.8315665290169145, 1}},
      {1, 3, {0.06149194472039626, 0.7923403991979523}, {0.008403758659612647, 0.9057006759492866}},
  };
  for (const auto& c : cases) {
    EXPECT_NEAR(wilson(c.k, c.n, 0.95).low, c.wilson.low, 1e-13);
    EXPECT_NEAR(wilson(c.k, c.n, 0.95).high, c.wilson.high, 1e-13);
    EXPECT_NEAR(clopper_pearson(c.k, c.n, 0.95).low, c.exact.low, 1e-12);
    EXPECT_NEAR(clopper_pearson(c.k, c.n, 0.95).high, c.exact.high, 1e-12);
  }
}

TEST(Proportion, JeffreysAgreesWithScipyAndKeepsTheEnds) {
  EXPECT_NEAR(jeffreys(15, 148, 0.95).low, 0.060448517009296425, 1e-12);
  EXPECT_NEAR(jeffreys(15, 148, 0.95).high, 0.15764314347874112, 1e-12);
  EXPECT_EQ(jeffreys(0, 10, 0.95).low, 0);
  EXPECT_EQ(jeffreys(10, 10, 0.95).high, 1);
}

TEST(Proportion, NothingObservedMeansNothingKnown) {
  for (const Interval& i : {wilson(0, 0, 0.95), clopper_pearson(0, 0, 0.95)}) {
    EXPECT_EQ(i.low, 0);
    EXPECT_EQ(i.high, 1);
  }
  EXPECT_EQ(binomial_test(0, 0, 0.3), 1);
}

TEST(Proportion, TheRuleOfThreeHolds) { EXPECT_NEAR(clopper_pearson_upper(0, 1000, 0.95), 3.0 / 1000, 1e-5); }

TEST(Proportion, ClopperPearsonNeverCoversLessThanItSays) {
  for (const double p : {0.01, 0.1, 0.37, 0.5, 0.93}) {
    double covered = 0;
    for (std::int64_t k = 0; k <= 40; ++k) {
      if (clopper_pearson(k, 40, 0.9).contains(p)) covered += binomial_mass(k, 40, p);
    }
    EXPECT_GE(covered, 0.9) << p;
  }
}

TEST(Proportion, WilsonCoversItsNominalShareOnAverage) {
  double covered = 0;
  for (int i = 1; i < 1000; ++i) {
    const double p = i / 1000.0;
    for (std::int64_t k = 0; k <= 50; ++k) {
      if (wilson(k, 50, 0.95).contains(p)) covered += binomial_mass(k, 50, p);
    }
  }
  EXPECT_NEAR(covered / 999, 0.95, 0.006);
}

TEST(Proportion, TheBinomialTestAgreesWithScipy) {
  EXPECT_NEAR(binomial_test(7, 20, 0.3), 0.6294979666766769, 1e-13);
  EXPECT_NEAR(binomial_test(3, 20, 0.3), 0.22041826738070913, 1e-13);
  EXPECT_NEAR(binomial_test(682, 925, 0.75), 0.3824915595748517, 1e-12);
  EXPECT_NEAR(binomial_test(18, 20, 0.6), 0.005222996702585159, 1e-14);
  EXPECT_NEAR(binomial_test(530, 1000, 0.5), 0.06202319509836343, 1e-12);
  EXPECT_EQ(binomial_test(0, 5, 0.1), 1);
  EXPECT_NEAR(binomial_test(9, 10, 0.5, Alternative::greater), 11.0 / 1024, 1e-15);
}

}  // namespace
}  // namespace cupel::stats
