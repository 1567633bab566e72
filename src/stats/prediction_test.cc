#include "stats/prediction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "stats/distributions.h"
#include "stats/random_counts.h"

namespace cupel::stats {
namespace {

TEST(Prediction, CountsLeaveTheirLimitsAtMostAsOftenAsStatedWhateverTheShare) {
  constexpr std::int64_t k_rows = 40;
  constexpr std::int64_t k_next = 25;
  constexpr double k_alpha = 0.05;
  for (int i = 0; i <= 100; ++i) {
    const double share = i / 100.0;
    double above = 0;
    double below = 0;
    for (std::int64_t x = 0; x <= k_rows; ++x) {
      const double chance = binomial_mass(x, k_rows, share);
      above += chance * binomial_survival(count_prediction_upper(x, k_rows, k_next, k_alpha), k_next, share);
      below += chance * binomial_cdf(count_prediction_lower(x, k_rows, k_next, k_alpha) - 1, k_next, share);
    }
    EXPECT_LE(above, k_alpha) << share;
    EXPECT_LE(below, k_alpha) << share;
  }
}

TEST(Prediction, CountLimitsAreNotWiderThanTheyMustBe) {
  // P(X <= x | X + Y = x + y) by adding up masses: above alpha at the limit, not above it one further.
  for (const auto& [x, n, m] : std::vector<std::array<std::int64_t, 3>>{{0, 100, 100}, {3, 200, 50}, {846, 23486, 4000}, {17, 20, 30}}) {
    const std::int64_t limit = count_prediction_upper(x, n, m, 0.001);
    const auto chance = [&, x = x, n = n, m = m](std::int64_t y) {
      double sum = 0;
      for (std::int64_t k = 0; k <= x; ++k) sum += hypergeometric_mass(k, n, x + y, n + m - x - y);
      return sum;
    };
    EXPECT_GT(chance(limit), 0.001) << x;
    if (limit < m) {
      EXPECT_LE(chance(limit + 1), 0.001) << x;
    }
  }
}

TEST(Prediction, NothingSeenInManyRowsPromisesNothingInFewRows) {
  // One success among n + 1 rows falls on the next row with chance 1 / (n + 1).
  EXPECT_EQ(count_prediction_upper(0, 99, 1, 0.01), 0);
  EXPECT_EQ(count_prediction_upper(0, 98, 1, 0.01), 1);
  EXPECT_EQ(rows_needed_for_none(1, 0.01), 99);
  EXPECT_EQ(count_prediction_upper(0, rows_needed_for_none(500, 0.002), 500, 0.002), 0);
}

/// Calls with the values seen and the next ones (both ascending) for every order of n + m values; answers with their number.
template <typename Visit>
int every_order(int n, int m, Visit visit) {
  std::vector<bool> is_next(static_cast<std::size_t>(n + m), false);
  std::fill(is_next.end() - m, is_next.end(), true);
  int orders = 0;
  do {
    std::vector<double> seen;
    std::vector<double> next;
    for (std::size_t i = 0; i < is_next.size(); ++i) (is_next[i] ? next : seen).push_back(static_cast<double>(i));
    visit(seen, next);
    ++orders;
  } while (std::next_permutation(is_next.begin(), is_next.end()));
  return orders;
}

TEST(Prediction, QuantilesHoldOverEveryOrderOfTheValues) {
  for (const double p : {0.0, 0.25, 0.4, 0.5, 1.0}) {
    int above = 0;
    int below = 0;
    const int orders = every_order(9, 6, [&](const std::vector<double>& seen, const std::vector<double>& next) {
      const Interval limits = quantile_prediction(seen, p, 6, 0.2);
      const double quantile = sorted_quantile(next, p);
      above += quantile > limits.high ? 1 : 0;
      below += quantile < limits.low ? 1 : 0;
    });
    EXPECT_LE(above, 0.1 * orders) << p;
    EXPECT_LE(below, 0.1 * orders) << p;
  }
}

TEST(Prediction, TheLargestOfTheNextRowsHasNoUpperLimitAtOnePercent) {
  const std::vector<double> seen{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  EXPECT_TRUE(std::isinf(quantile_prediction(seen, 1, 10, 0.01).high));
  EXPECT_TRUE(std::isinf(quantile_prediction({}, 0.5, 10, 0.01).low));
}

TEST(Prediction, ValuesOutsideOfTheRangeSeenHoldOverEveryOrder) {
  for (const std::int64_t trim : {0, 1, 2}) {
    const std::int64_t most = outside_prediction(9, trim, 6, 0.15);
    int more = 0;
    int as_many = 0;
    const int orders = every_order(9, 6, [&](const std::vector<double>& seen, const std::vector<double>& next) {
      const double low = seen[static_cast<std::size_t>(trim)];
      const double high = seen[seen.size() - 1 - static_cast<std::size_t>(trim)];
      const auto outside = std::count_if(next.begin(), next.end(), [&](double value) { return value < low || value > high; });
      more += outside > most ? 1 : 0;
      as_many += outside >= most ? 1 : 0;
    });
    EXPECT_LE(more, 0.15 * orders) << trim;
    EXPECT_GT(as_many, 0.15 * orders) << trim;  // one less would not hold
  }
}

TEST(Prediction, MeansOfSkewedValuesHold) {
  // Exponential values: skewness 2, excess kurtosis 6.
  constexpr int k_runs = 4000;
  constexpr double k_alpha = 0.01;
  int outside = 0;
  for (int run = 0; run < k_runs; ++run) {
    Random random(5, "exponential", static_cast<std::uint64_t>(run));
    std::vector<double> seen;
    for (int i = 0; i < 2000; ++i) seen.push_back(-std::log(1 - random.uniform()));
    const auto limits = mean_prediction(sample_moments(seen), 2, 6, 300, k_alpha);
    ASSERT_TRUE(limits.has_value());
    double sum = 0;
    for (int i = 0; i < 300; ++i) sum += -std::log(1 - random.uniform());
    outside += limits->contains(sum / 300) ? 0 : 1;
  }
  // Three standard errors of a rate of 1 % over 4,000 runs.
  EXPECT_LE(outside, 40 + 3 * std::sqrt(40.0));
  EXPECT_GE(outside, 40 - 4 * std::sqrt(40.0));
}

TEST(Prediction, HeavyTailsAreRefused) {
  EXPECT_FALSE(mean_prediction({500, 10, 100}, 20, 600, 500, 1e-4).has_value());
  EXPECT_FALSE(mean_prediction({1, 10, 0}, 0, 0, 500, 0.01).has_value());
}

TEST(Prediction, SharesStayWithinTheirDistance) {
  const std::vector<double> shares{0.4, 0.3, 0.15, 0.1, 0.03, 0.015, 0.004, 0.001};
  for (const double alpha : {0.05, 0.01}) {
    int outside = 0;
    constexpr int k_runs = 3000;
    for (int run = 0; run < k_runs; ++run) {
      Random random(6, "shares", static_cast<std::uint64_t>(run));
      std::vector<std::int64_t> seen(shares.size());
      std::vector<std::int64_t> next(shares.size());
      random_multinomial(random, 3000, shares, seen);
      random_multinomial(random, 700, shares, next);
      double distance = 0;
      for (std::size_t i = 0; i < shares.size(); ++i) distance += std::abs(static_cast<double>(seen[i]) / 3000 - static_cast<double>(next[i]) / 700) / 2;
      outside += distance > total_variation_prediction(seen, 700, alpha) ? 1 : 0;
    }
    EXPECT_LE(outside, alpha * k_runs + 3 * std::sqrt(alpha * k_runs)) << alpha;
  }
}

TEST(Prediction, DistinctValuesAndUnseenRowsHoldOnALongTail) {
  std::vector<double> shares;
  for (int i = 1; i <= 400; ++i) shares.push_back(1.0 / i);
  int distinct_outside = 0;
  int unseen_outside = 0;
  constexpr int k_runs = 1500;
  constexpr double k_alpha = 0.02;
  for (int run = 0; run < k_runs; ++run) {
    Random random(7, "tail", static_cast<std::uint64_t>(run));
    std::vector<std::int64_t> seen(shares.size());
    std::vector<std::int64_t> next(shares.size());
    random_multinomial(random, 4000, shares, seen);
    random_multinomial(random, 900, shares, next);
    const Interval limits = distinct_prediction(seen, 900, k_alpha);
    std::int64_t distinct = 0;
    std::int64_t unseen = 0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
      distinct += next[i] > 0 ? 1 : 0;
      unseen += seen[i] == 0 ? next[i] : 0;
    }
    distinct_outside += limits.contains(static_cast<double>(distinct)) ? 0 : 1;
    const auto singletons = std::count(seen.begin(), seen.end(), 1);
    unseen_outside += unseen > unseen_prediction(singletons, std::count(seen.begin(), seen.end(), 2), 4000, 900, k_alpha) ? 1 : 0;
  }
  EXPECT_LE(distinct_outside, k_alpha * k_runs + 3 * std::sqrt(k_alpha * k_runs));
  EXPECT_LE(unseen_outside, k_alpha * k_runs + 3 * std::sqrt(k_alpha * k_runs));
}

TEST(Prediction, ASeriesWithoutMemoryIsPredictedByItsLevel) {
  // t(0.975, 4) = 2.776445; mean 3, standard deviation 1.581139.
  const std::vector<double> values{2, 5, 1, 4, 3};
  const auto prediction = series_prediction(values, 0.05);
  ASSERT_TRUE(prediction.has_value());
  EXPECT_EQ(prediction->model, SeriesPrediction::Model::level);
  EXPECT_NEAR(prediction->interval.high, 3 + 2.7764451 * 1.5811388 * std::sqrt(1.2), 1e-6);
  EXPECT_FALSE(series_prediction(std::vector<double>{1, 2}, 0.05).has_value());
}

TEST(Prediction, ATrendIsFollowed) {
  std::vector<double> values;
  Random random(8, "trend");
  for (int i = 0; i < 30; ++i) values.push_back(10 * i + random.normal());
  const auto prediction = series_prediction(values, 0.01);
  ASSERT_TRUE(prediction.has_value());
  EXPECT_EQ(prediction->model, SeriesPrediction::Model::steps);
  EXPECT_TRUE(prediction->interval.contains(300));
  EXPECT_LT(prediction->interval.width(), 20);
}

}  // namespace
}  // namespace cupel::stats
