#pragma once

#include <cstdint>

namespace cupel::stats {

// Distribution functions, upper tails ("survival", computed directly, so that 1e-200 is not rounded to 0) and quantiles.
//
// For all: infinite x is allowed; x outside the support gives 0 or 1; quantiles take p in [0, 1] and answer with the ends of the
// support at 0 and 1. NaN in gives NaN out; parameters outside their range are a programming error (CHECK). Relative error about
// 1e-13 in the body; Boost.Math computes the incomplete beta and gamma functions.

double normal_density(double x);
double normal_cdf(double x);
double normal_survival(double x);
double normal_quantile(double p);

/// `degrees_of_freedom` > 0, not necessarily whole; infinite is the normal distribution.
double student_t_cdf(double t, double degrees_of_freedom);
double student_t_survival(double t, double degrees_of_freedom);
double student_t_quantile(double p, double degrees_of_freedom);
/// P(T <= t) with noncentrality `delta`.
double noncentral_t_cdf(double t, double degrees_of_freedom, double delta);

double chi_square_cdf(double x, double degrees_of_freedom);
double chi_square_survival(double x, double degrees_of_freedom);
double chi_square_quantile(double p, double degrees_of_freedom);

double f_cdf(double x, double numerator_df, double denominator_df);
double f_survival(double x, double numerator_df, double denominator_df);
double f_quantile(double p, double numerator_df, double denominator_df);

double beta_cdf(double x, double a, double b);
double beta_survival(double x, double a, double b);
double beta_quantile(double p, double a, double b);

double gamma_cdf(double x, double shape, double scale);
double gamma_survival(double x, double shape, double scale);
double gamma_quantile(double p, double shape, double scale);

double exponential_cdf(double x, double mean);
double exponential_survival(double x, double mean);
double exponential_quantile(double p, double mean);

/// log(X) is normal with this mean and standard deviation.
double lognormal_cdf(double x, double log_mean, double log_stddev);
double lognormal_survival(double x, double log_mean, double log_stddev);
double lognormal_quantile(double p, double log_mean, double log_stddev);

double uniform_cdf(double x, double low, double high);
double uniform_survival(double x, double low, double high);
double uniform_quantile(double p, double low, double high);

/// Of `trials` >= 0 with success probability in [0, 1]. `survival` is P(X > k); `quantile` the least k with P(X <= k) >= p.
double binomial_mass(std::int64_t k, std::int64_t trials, double probability);
double binomial_cdf(std::int64_t k, std::int64_t trials, double probability);
double binomial_survival(std::int64_t k, std::int64_t trials, double probability);
std::int64_t binomial_quantile(double p, std::int64_t trials, double probability);

/// `mean` >= 0. `survival` is P(X > k); `quantile` the least k with P(X <= k) >= p (p < 1).
double poisson_mass(std::int64_t k, double mean);
double poisson_cdf(std::int64_t k, double mean);
double poisson_survival(std::int64_t k, double mean);
std::int64_t poisson_quantile(double p, double mean);

/// Successes among `drawn` without replacement from `successes` + `failures`.
double hypergeometric_mass(std::int64_t k, std::int64_t drawn, std::int64_t successes, std::int64_t failures);
/// At most k of them. Summed from k (or from above it) towards the nearer tail, so that a tail of 1e-12 keeps its digits.
double hypergeometric_cdf(std::int64_t k, std::int64_t drawn, std::int64_t successes, std::int64_t failures);

/// log(n!) and log of the binomial coefficient.
double log_factorial(std::int64_t n);
double log_choose(std::int64_t n, std::int64_t k);

}  // namespace cupel::stats
