#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "stats/interval.h"
#include "stats/p_value.h"

namespace cupel::stats {

/// Pearson's chi-square test. The limit distribution is used when it may be (Cochran 1954): every expected count at least 1 and at most
/// 20 % of them below 5. Else all outcomes are counted when they are few, and simulated otherwise.
struct ChiSquareTest {
  double statistic = 0;           ///< sum of (observed - expected)^2 / expected; infinite if something impossible was observed
  double degrees_of_freedom = 0;  ///< categories of positive share - 1, or (rows - 1)(columns - 1) after empty ones are dropped
  double p_value = 1;
  PValueMethod method = PValueMethod::asymptotic;
  int draws = 0;                     ///< of PValueMethod::simulated
  double smallest_expected = 0;
  double share_expected_below_5 = 0;
  double effect = 0;                 ///< Cohen's w for shares (sqrt(statistic / n)), Cramér's V for tables
  double effect_corrected = 0;       ///< Cramér's V without its bias (Bergsma 2013); for shares sqrt(max(0, statistic - df) / n)
};

/// Goodness of fit of `observed` counts to stated `shares` (>= 0, at least one positive; normalized here). A category of share 0 that
/// was observed makes the statistic infinite and p 0. Errors: no observations, fewer than 2 categories of positive share is not an
/// error (p 1, df 0).
Result<ChiSquareTest> chi_square_shares(std::span<const std::int64_t> observed, std::span<const double> shares,
                                        const Simulation& simulation);

/// Two samples over the same k categories: both are samples (2 x k table). Categories that neither has are dropped. An empty sample is
/// an error; a single common category gives p 1, df 0.
Result<ChiSquareTest> chi_square_two_sample(std::span<const std::int64_t> a, std::span<const std::int64_t> b, const Simulation& simulation);

/// Independence in a row-major table of counts. Rows and columns of zeros are dropped. Errors: all zero. A single remaining row or
/// column gives p 1, df 0.
Result<ChiSquareTest> chi_square_independence(std::span<const std::int64_t> table, std::size_t rows, std::size_t columns,
                                              const Simulation& simulation);

/// Log-likelihood ratio statistic of the same two tests, 2 sum O log(O/E), with the limit distribution (asymptotic only).
TestResult g_test_shares(std::span<const std::int64_t> observed, std::span<const double> shares);
TestResult g_test_two_sample(std::span<const std::int64_t> a, std::span<const std::int64_t> b);

/// Half the sum of absolute differences of shares: the largest difference in probability of any event. In [0, 1].
double total_variation(std::span<const double> p, std::span<const double> q);

/// Total variation distance between what `observed` was drawn from and the stated `shares`, with an interval that holds at any true
/// distance: |TV(p^, q) - TV(p, q)| <= TV(p^, p) (triangle inequality), and the quantile of TV(p^, p) is simulated from its normal limit
/// (multinomial draws below 200 rows), smoothed shares standing for p. Conservative for many categories.
struct DistanceInterval {
  double distance = 0;
  Interval interval;
};
Result<DistanceInterval> total_variation_to_shares(std::span<const std::int64_t> observed, std::span<const double> shares, double confidence,
                                                   const Simulation& simulation);
/// The same for two samples.
Result<DistanceInterval> total_variation_two_sample(std::span<const std::int64_t> a, std::span<const std::int64_t> b, double confidence,
                                                    const Simulation& simulation);

}  // namespace cupel::stats
