#include "stats/prediction.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/invariant.h"
#include "stats/distributions.h"

namespace cupel::stats {
namespace {

constexpr double k_infinity = std::numeric_limits<double>::infinity();

/// Chances that are equal to alpha on paper must not lie above it by a rounding.
bool at_most(double chance, double alpha) { return chance <= alpha * (1 + 1e-10); }

void check_alpha(double alpha) { CHECK(alpha > 0 && alpha <= 0.5, "alpha is {}", alpha); }

/// The first whole number in [low, high] for which the (monotone) question is true; high + 1 if none.
template <typename Question>
std::int64_t first_true(std::int64_t low, std::int64_t high, Question question) {
  while (low <= high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (question(middle)) {
      high = middle - 1;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/// P(at least `wanted` of `others` values stand before the `rank`-th of `rows` values) when all orders of both together are equally likely.
double chance_before(std::int64_t wanted, std::int64_t others, std::int64_t rank, std::int64_t rows) {
  if (wanted <= 0) return 1;
  if (wanted > others) return 0;
  return hypergeometric_cdf(rank - 1, rank + wanted - 1, rows, others);
}

}  // namespace

std::int64_t count_prediction_upper(std::int64_t successes, std::int64_t rows, std::int64_t next_rows, double alpha) {
  check_alpha(alpha);
  CHECK(successes >= 0 && successes <= rows && next_rows >= 0, "{} of {}, next {}", successes, rows, next_rows);
  // y is too many when so few of all x + y successes being in the first sample has a chance of at most alpha.
  const auto too_many = [&](std::int64_t y) {
    const std::int64_t all = successes + y;
    return at_most(hypergeometric_cdf(successes, rows, all, rows + next_rows - all), alpha);
  };
  return first_true(0, next_rows, too_many) - 1;
}

std::int64_t count_prediction_lower(std::int64_t successes, std::int64_t rows, std::int64_t next_rows, double alpha) {
  return next_rows - count_prediction_upper(rows - successes, rows, next_rows, alpha);
}

CountLimits count_prediction(std::int64_t successes, std::int64_t rows, std::int64_t next_rows, double alpha) {
  return {count_prediction_lower(successes, rows, next_rows, alpha / 2), count_prediction_upper(successes, rows, next_rows, alpha / 2)};
}

std::int64_t rows_needed_for_none(std::int64_t next_rows, double alpha) {
  check_alpha(alpha);
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(next_rows) * (1 - alpha) / alpha));
}

Interval quantile_prediction(std::span<const double> sorted, double p, std::int64_t next_rows, double alpha) {
  check_alpha(alpha);
  CHECK(p >= 0 && p <= 1 && next_rows >= 1, "quantile {} of {} rows", p, next_rows);
  const auto n = static_cast<std::int64_t>(sorted.size());
  Interval interval{-k_infinity, k_infinity, 1 - alpha};
  if (n == 0) return interval;
  // Between the order statistics `lower` and `upper` of the next sample, counted from 1.
  const double position = static_cast<double>(next_rows - 1) * p;
  const std::int64_t lower = static_cast<std::int64_t>(std::floor(position)) + 1;
  const std::int64_t upper = static_cast<std::int64_t>(std::ceil(position)) + 1;
  // Y(lower) < X(i): at least `lower` new values stand before X(i).
  const std::int64_t low_rank = first_true(1, n, [&](std::int64_t i) { return !at_most(chance_before(lower, next_rows, i, n), alpha / 2); }) - 1;
  if (low_rank >= 1) interval.low = sorted[static_cast<std::size_t>(low_rank - 1)];
  // Y(upper) > X(i): fewer than `upper` new values stand before X(i).
  const std::int64_t high_rank = first_true(1, n, [&](std::int64_t i) {
    return at_most(hypergeometric_cdf(upper - 1, i + upper - 1, next_rows, n), alpha / 2);  // new ones among the first i + upper - 1 of all
  });
  if (high_rank <= n) interval.high = sorted[static_cast<std::size_t>(high_rank - 1)];
  return interval;
}

std::int64_t outside_prediction(std::int64_t rows, std::int64_t trim, std::int64_t next_rows, double alpha) {
  check_alpha(alpha);
  CHECK(trim >= 0 && rows > 2 * trim, "{} rows without {} at each end", rows, trim);
  // The pieces are exchangeable: those outside hold as many new values as the first 2 (trim + 1).
  const std::int64_t pieces = std::min(2 * (trim + 1), rows);
  return first_true(1, next_rows, [&](std::int64_t k) { return at_most(chance_before(k, next_rows, pieces, rows), alpha); }) - 1;
}

std::optional<Interval> mean_prediction(const SampleMoments& seen, double skewness, double excess_kurtosis, std::int64_t next_rows, double alpha) {
  check_alpha(alpha);
  if (seen.n < 2 || next_rows < 1) return std::nullopt;
  const auto n = static_cast<double>(seen.n);
  const auto m = static_cast<double>(next_rows);
  const double factor = 1 / m + 1 / n;
  const double error = std::sqrt(seen.variance * factor);
  // Cumulants of the next mean less the seen one, standardized.
  const double skew = skewness * (1 / (m * m) - 1 / (n * n)) / std::pow(factor, 1.5);
  const double kurt = excess_kurtosis * (1 / (m * m * m) + 1 / (n * n * n)) / (factor * factor);
  const double z = normal_quantile(1 - alpha / 2);
  const auto expanded = [&](double at) {
    return at + (at * at - 1) * skew / 6 + (at * at * at - 3 * at) * kurt / 24 - (2 * at * at * at - 5 * at) * skew * skew / 36;
  };
  const double up = expanded(z);
  const double down = expanded(-z);
  if (std::abs(up - z) > z / 4 || std::abs(down + z) > z / 4) return std::nullopt;
  const double t = student_t_quantile(1 - alpha / 2, n - 1) / z;
  return Interval{seen.mean + t * std::min(down, -z) * error, seen.mean + t * std::max(up, z) * error, 1 - alpha};
}

double total_variation_prediction(std::span<const std::int64_t> counts, std::int64_t next_rows, double alpha) {
  check_alpha(alpha);
  std::int64_t total = 0;
  for (const std::int64_t count : counts) total += count;
  if (total == 0 || next_rows == 0) return 1;
  const auto n = static_cast<double>(total);
  const auto m = static_cast<double>(next_rows);
  const double factor = 1 / n + 1 / m;
  double expected = 0;
  std::int64_t categories = 0;
  bool well_filled = true;
  for (const std::int64_t count : counts) {
    if (count == 0) continue;
    ++categories;
    const double share = static_cast<double>(count) / n;
    const double deviation = std::sqrt(share * (1 - share) * factor);
    // E|difference|: that of a normal one where both counts are large, else at most the deviation (Jensen) and at most both shares.
    const bool large = static_cast<double>(count) >= 10 && share * m >= 10;
    expected += 0.5 * (large ? std::sqrt(2 / M_PI) * deviation : std::min(deviation, 2 * share));
    well_filled = well_filled && static_cast<double>(count) >= 5 && share * m >= 5;
  }
  const double bounded = expected + std::sqrt(std::log(1 / alpha) / 2 * factor);
  if (!well_filled || categories < 2) return std::min(1.0, bounded);
  const double by_chi_square = 0.5 * std::sqrt(chi_square_quantile(1 - alpha, static_cast<double>(categories - 1)) * factor);
  return std::min({1.0, bounded, by_chi_square});
}

Interval distinct_prediction(std::span<const std::int64_t> counts, std::int64_t next_rows, double alpha) {
  check_alpha(alpha);
  std::int64_t total = 0;
  for (const std::int64_t count : counts) total += count;
  CHECK(next_rows >= 0 && next_rows <= total, "{} rows of {}", next_rows, total);
  double expected = 0;
  for (const std::int64_t count : counts) {
    // The chance that a value is among m rows drawn from the n seen.
    const double absent = count > total - next_rows ? 0
                                                    : std::exp(log_choose(total - count, next_rows) - log_choose(total, next_rows));
    expected += 1 - std::min(1.0, absent);
  }
  const double log_tail = std::log(2 / alpha);
  // Both samples vary: the variance of the next is at most its mean, that of the rarefied one its share m / n of it.
  const double variance = expected * (1 + static_cast<double>(next_rows) / static_cast<double>(total));
  const double down = std::sqrt(2 * variance * log_tail);
  const double up = log_tail / 3 + std::sqrt(log_tail * log_tail / 9 + 2 * variance * log_tail);
  return {std::max(0.0, std::floor(expected - down)), std::min(static_cast<double>(next_rows), std::ceil(expected + up)), 1 - alpha};
}

std::int64_t unseen_prediction(std::int64_t singletons, std::int64_t doubletons, std::int64_t rows, std::int64_t next_rows, double alpha) {
  const std::int64_t seen_once = std::min(singletons, rows);
  const std::int64_t plain = count_prediction_upper(seen_once, rows, next_rows, alpha);
  if (seen_once == 0) return plain;
  // What is seen once and what is not seen vary against each other: (f1 + 2 f2) / n^2 stands where f1 / n^2 would for a share (Good 1953).
  const double ratio = static_cast<double>(next_rows) / static_cast<double>(rows);
  const double expected = static_cast<double>(seen_once) * ratio;
  const double twice = 2 * static_cast<double>(doubletons) / static_cast<double>(seen_once);
  const double wider = std::sqrt((1 + ratio * (1 + twice)) / (1 + ratio));
  return std::min(next_rows, static_cast<std::int64_t>(std::ceil(expected + (static_cast<double>(plain) - expected) * wider)));
}

namespace {

struct Spread {
  double mean = 0;
  double stddev = 0;
};

Spread spread_of(std::span<const double> values) {
  const SampleMoments moments = sample_moments(values);
  return {moments.mean, std::sqrt(moments.variance)};
}

/// Two-sided normal approximation with the variance of all orders, ties allowed for (Kendall 1975).
double trend_p_value(std::span<const double> values) {
  const std::size_t k = values.size();
  double score = 0;
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = i + 1; j < k; ++j) score += values[j] > values[i] ? 1 : values[j] < values[i] ? -1 : 0;
  }
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const auto pairs = [](double t) { return t * (t - 1) * (2 * t + 5); };
  double variance = pairs(static_cast<double>(k));
  for (std::size_t i = 0; i < k;) {
    std::size_t j = i;
    while (j < k && sorted[j] == sorted[i]) ++j;
    variance -= pairs(static_cast<double>(j - i));
    i = j;
  }
  if (variance <= 0) return 1;
  return std::min(1.0, 2 * normal_survival(std::max(0.0, std::abs(score) - 1) / std::sqrt(variance / 18)));
}

double lag_one_autocorrelation(std::span<const double> values, const Spread& spread) {
  if (spread.stddev == 0) return 0;
  double products = 0;
  double squares = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double d = values[i] - spread.mean;
    squares += d * d;
    if (i > 0) products += d * (values[i - 1] - spread.mean);
  }
  return products / squares;
}

}  // namespace

std::optional<SeriesPrediction> series_prediction(std::span<const double> values, double alpha) {
  check_alpha(alpha);
  const std::size_t k = values.size();
  if (k < 3) return std::nullopt;
  SeriesPrediction prediction;
  const Spread level = spread_of(values);
  prediction.trend_p_value = trend_p_value(values);
  const double memory = lag_one_autocorrelation(values, level);
  const bool moves = k >= 4 && (prediction.trend_p_value < 0.01 || memory > 2.33 / std::sqrt(static_cast<double>(k)));
  const auto around = [&](double center, const Spread& spread, std::size_t count) {
    const double t = student_t_quantile(1 - alpha / 2, static_cast<double>(count - 1));
    const double half = t * spread.stddev * std::sqrt(1 + 1 / static_cast<double>(count));
    return Interval{center - half, center + half, 1 - alpha};
  };
  if (!moves) {
    prediction.interval = around(level.mean, level, k);
    return prediction;
  }
  std::vector<double> steps;
  for (std::size_t i = 1; i < k; ++i) steps.push_back(values[i] - values[i - 1]);
  const Spread step = spread_of(steps);
  prediction.model = SeriesPrediction::Model::steps;
  prediction.interval = around(values.back() + step.mean, step, steps.size());
  return prediction;
}

}  // namespace cupel::stats
