#include "stats/distributions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cupel::stats {
namespace {

constexpr double k_infinity = std::numeric_limits<double>::infinity();

/// Relative error against a value computed by scipy 1.17.1.
void expect_close(double actual, double expected, double relative = 1e-12) {
  EXPECT_NEAR(actual, expected, std::abs(expected) * relative) << "expected " << expected;
}

TEST(Distributions, TheNormalKeepsItsDigitsInTheTail) {
  expect_close(normal_survival(-1.5), 0.9331927987311419);
  expect_close(normal_survival(5), 2.866515718791933e-07);
  expect_close(normal_survival(20), 2.7536241186061556e-89);
  expect_close(normal_quantile(1e-10), -6.361340902404056);
  expect_close(normal_quantile(0.025), -1.9599639845400545);
  expect_close(normal_quantile(0.7), 0.5244005127080407);
}

TEST(Distributions, StudentTAgreesWithScipy) {
  expect_close(student_t_survival(2.1, 3), 0.0632826012748423);
  expect_close(student_t_survival(-1.2, 17.7764735), 0.8770558151362995);
  expect_close(student_t_survival(40, 5), 9.205981085886477e-08);
  expect_close(student_t_survival(0.5, 1e6), 0.3085375937361857);
  expect_close(student_t_quantile(0.975, 9), 2.262157162798205);
  expect_close(student_t_quantile(0.9, 1.5), 2.1963984175655376);
  expect_close(noncentral_t_cdf(2, 20, 2.5), 0.3080978592449505, 1e-10);
  expect_close(noncentral_t_cdf(1.96, 500, 2.8), 0.20063079699577951, 1e-10);
}

TEST(Distributions, ChiSquareFAndBetaAgreeWithScipy) {
  expect_close(chi_square_survival(3.84, 1), 0.05004352124870519);
  expect_close(chi_square_survival(200, 4), 3.75727673578106e-42, 1e-11);
  expect_close(chi_square_survival(0.1, 7), 0.9999976885812014);
  expect_close(chi_square_quantile(0.95, 3), 7.814727903251179);
  expect_close(f_survival(3.1, 4, 20), 0.03877408813088653);
  expect_close(f_cdf(0.2, 3, 7), 0.10683204433751023);
  expect_close(f_quantile(0.99, 5, 12), 5.064343111142915);
  expect_close(beta_cdf(0.2, 2, 5), 0.34464);
  expect_close(beta_survival(0.9, 0.5, 0.5), 0.20483276469913342);
  expect_close(beta_quantile(0.025, 41.5, 59.5), 0.3172977424616144);
}

TEST(Distributions, ContinuousFamiliesAgreeWithScipy) {
  expect_close(gamma_cdf(3, 2.5, 1.5), 0.4505840486472198);
  expect_close(gamma_survival(30, 2.5, 1.5), 1.493367900050393e-07);
  expect_close(gamma_quantile(0.3, 2.5, 1.5), 2.24993109956993);
  expect_close(exponential_survival(3, 2), 0.22313016014842982);
  expect_close(exponential_quantile(0.3, 2), 0.7133498878774649);
  expect_close(lognormal_cdf(2, 1, 0.5), 0.26970493073490953);
  expect_close(lognormal_quantile(0.9, 1, 0.5), 5.159170355622591);
  EXPECT_EQ(uniform_cdf(3, 1, 5), 0.5);
}

TEST(Distributions, DiscreteFamiliesAgreeWithScipy) {
  expect_close(binomial_mass(30, 100, 0.37), 0.02936491363439988);
  expect_close(binomial_cdf(30, 100, 0.37), 0.08771432738534031);
  expect_close(binomial_survival(60, 100, 0.37), 9.642035246098818e-07);
  EXPECT_EQ(binomial_quantile(0.975, 100, 0.37), 47);
  expect_close(binomial_mass(5000, 1'000'000, 0.005), 0.00565595942005053);
  expect_close(poisson_mass(7, 4.2), 0.0685926643226606);
  expect_close(poisson_cdf(2, 4.2), 0.2102379870230975);
  expect_close(poisson_survival(15, 4.2), 8.874917575035391e-06);
  EXPECT_EQ(poisson_quantile(0.99, 4.2), 10);
  expect_close(poisson_mass(100'000, 1e5), 0.00126156520970530056);  // in 60 decimal digits; scipy keeps 9 of them
  expect_close(hypergeometric_mass(3, 12, 10, 40), 0.27028632539455466);
  expect_close(hypergeometric_mass(400, 8000, 5000, 95'000), 0.02133207032155812);
}

TEST(Distributions, EdgesHaveDefinedAnswers) {
  EXPECT_EQ(normal_cdf(-k_infinity), 0);
  EXPECT_EQ(normal_quantile(1), k_infinity);
  EXPECT_EQ(student_t_survival(k_infinity, 3), 0);
  EXPECT_EQ(student_t_cdf(1.5, k_infinity), normal_cdf(1.5));
  EXPECT_EQ(chi_square_survival(0, 3), 1);
  EXPECT_EQ(chi_square_survival(k_infinity, 3), 0);
  EXPECT_EQ(f_cdf(-1, 2, 3), 0);
  EXPECT_EQ(beta_cdf(1, 2, 3), 1);
  EXPECT_EQ(gamma_quantile(0, 2, 1), 0);
  EXPECT_EQ(lognormal_cdf(0, 0, 1), 0);
  EXPECT_EQ(binomial_mass(0, 0, 0.3), 1);
  EXPECT_EQ(binomial_mass(5, 5, 1), 1);
  EXPECT_EQ(binomial_cdf(-1, 5, 0.5), 0);
  EXPECT_EQ(binomial_survival(5, 5, 0.5), 0);
  EXPECT_EQ(poisson_mass(0, 0), 1);
  EXPECT_EQ(poisson_survival(3, 0), 0);
  EXPECT_EQ(hypergeometric_mass(0, 0, 4, 5), 1);
}

TEST(Distributions, MassesAddUpToOne) {
  double binomial = 0;
  double hypergeometric = 0;
  for (int k = 0; k <= 60; ++k) {
    binomial += binomial_mass(k, 60, 0.123);
    hypergeometric += hypergeometric_mass(k, 60, 90, 333);
  }
  EXPECT_NEAR(binomial, 1, 1e-13);
  EXPECT_NEAR(hypergeometric, 1, 1e-13);
}

}  // namespace
}  // namespace cupel::stats
