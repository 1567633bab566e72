#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "stats/interval.h"
#include "stats/sample_moments.h"

namespace cupel::stats {

// Prediction limits: what the *next* sample will show, given one that was seen. Both are samples of the same population, so the error of
// the first one counts as much as that of the second; the limits of what was seen (smallest and largest value, say) are no such limits: the
// next sample of the same size leaves them with probability 3/4. `alpha` in (0, 0.5] is the chance of leaving the limits, over both samples,
// split evenly between two sides where there are two.

/// Successes among the next `next_rows`, after `successes` of `rows`: each side holds at `alpha / 2` whatever the true share (Thatcher 1964: the
/// split of all successes over the two samples is hypergeometric given their sum). 0 … next_rows.
struct CountLimits {
  std::int64_t low = 0;
  std::int64_t high = 0;
};
CountLimits count_prediction(std::int64_t successes, std::int64_t rows, std::int64_t next_rows, double alpha);
/// One side, at `alpha`.
std::int64_t count_prediction_upper(std::int64_t successes, std::int64_t rows, std::int64_t next_rows, double alpha);
std::int64_t count_prediction_lower(std::int64_t successes, std::int64_t rows, std::int64_t next_rows, double alpha);

/// The smallest number of rows that must be seen without one success so that the next `next_rows` have none either with chance 1 - alpha:
/// next_rows (1 - alpha) / alpha.
std::int64_t rows_needed_for_none(std::int64_t next_rows, double alpha);

/// The `p` quantile (type 7: interpolated between two order statistics) of the next `next_rows` values, between two of the values seen
/// (ascending). Holds for every distribution, with ties too (Fligner and Wolfe 1976: exchangeability alone); an end that the
/// sample is too small to bound is infinite.
Interval quantile_prediction(std::span<const double> sorted, double p, std::int64_t next_rows, double alpha);

/// How many of the next `next_rows` values lie outside of [X(1 + trim), X(n - trim)], at most, with chance 1 - alpha: the n values seen cut the
/// line into n + 1 exchangeable pieces. For every distribution. `rows` > 2 trim.
std::int64_t outside_prediction(std::int64_t rows, std::int64_t trim, std::int64_t next_rows, double alpha);

/// The mean of the next `next_rows` values: Student's t for the spread, Cornish and Fisher's expansion for the skewness and kurtosis of the
/// difference of two means (Hall 1992, section 2.5). `excess_kurtosis` and `skewness` are those of the values. Nothing where the tails are too heavy for
/// that at this alpha (correction above a quarter of the quantile): use quantile_prediction.
std::optional<Interval> mean_prediction(const SampleMoments& seen, double skewness, double excess_kurtosis, std::int64_t next_rows, double alpha);

/// Total variation distance between the shares of the next `next_rows` and those of `counts`, at most: the smaller of its expected value plus
/// McDiarmid's bound (1989; one row moves it by at most 1 / rows) and half the square root of the chi-square quantile over the harmonic
/// sample size (Cauchy-Schwarz; needs every category to be expected five times in both).
double total_variation_prediction(std::span<const std::int64_t> counts, std::int64_t next_rows, double alpha);

/// Distinct values among the next `next_rows` <= the rows seen: rarefaction (Hurlbert 1971) with the concentration of self-bounding functions
/// (Boucheron, Lugosi, Massart 2000), for both samples. `counts`: how often each value was seen.
Interval distinct_prediction(std::span<const std::int64_t> counts, std::int64_t next_rows, double alpha);

/// Rows of the next `next_rows` whose value was never seen, at most: Good and Turing's estimate (1953) as if each value seen once were such a
/// row, in count_prediction_upper, its margin widened by the variance of that estimate. `singletons`, `doubletons`: values seen once, twice.
std::int64_t unseen_prediction(std::int64_t singletons, std::int64_t doubletons, std::int64_t rows, std::int64_t next_rows, double alpha);

/// A quantity of each of the batches seen, in order, and where it will be in the next one: Student's t on the spread between the batches
/// (which holds the error of each). With a trend (Mann 1945 and Kendall, p < 1 %) or a memory (lag-1 autocorrelation beyond 2.33 / sqrt(K)) the steps
/// from one batch to the next are predicted instead of the level, from the last batch on.
struct SeriesPrediction {
  Interval interval;
  enum class Model { level, steps } model = Model::level;
  double trend_p_value = 1;
};
/// At least 3 values (4 for steps); else nothing.
std::optional<SeriesPrediction> series_prediction(std::span<const double> values, double alpha);

}  // namespace cupel::stats
