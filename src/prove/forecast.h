#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "prove/history.h"

namespace cupel::prove {

/// Where a quantity of the next batch will be, and how that is known.
struct Forecast {
  double low = 0;
  double high = 0;
  std::string method{};  ///< "846 of 23,486 (3.60 %); exact prediction limits for batches of 4,000 rows"
};

/// How many of the rows tested show something, in all and in each real batch.
struct SeenShare {
  std::int64_t count = 0;
  std::int64_t tested = 0;
  std::vector<std::int64_t> batch_counts{};
  std::vector<std::int64_t> batch_tested{};
  double share() const { return tested == 0 ? 0 : static_cast<double>(count) / static_cast<double>(tested); }
};

/// Counts over the rows: `shows` answers yes, no, or nothing for a row that is not tested.
SeenShare seen_share(const History& history, const std::function<std::optional<bool>(std::int64_t row)>& shows);

/// Rows of the next batch that will be tested, when this share of rows was: low enough that chance hardly goes below it.
std::int64_t next_tested(const History& history, std::int64_t tested);

/// Share of the tested rows of the next batch: exact (stats::count_prediction), widened to what the spread between the real batches says when
/// it is more than chance (logits of the shares, stats::series_prediction). In [0, 1]. With `sides` 1 `alpha` is spent on the upper limit alone.
Forecast share_forecast(const History& history, const SeenShare& seen, double alpha, int sides);

/// A quantity of the next batch for which `within` holds if all rows are alike, widened by the spread between the batches (`of_batches`: its value
/// in each; empty for one sample). On the scale of the logarithm where all are positive and spread over more than a factor of 2.
Forecast level_forecast(const History& history, const Forecast& within, std::vector<double> of_batches, double alpha);

/// Present finite values of a column of numbers, in row order, and ascending, in all and in each batch.
struct SeenNumbers {
  std::vector<double> values;
  std::vector<double> sorted;
  std::vector<std::vector<double>> batch_sorted;
};
SeenNumbers seen_numbers(const History& history, int field);
/// The same of a number made of each row; nothing for a row without one.
SeenNumbers seen_numbers(const History& history, const std::function<std::optional<double>(std::int64_t row)>& number);

/// Nothing where neither end is bounded at this alpha.
std::optional<Forecast> quantile_forecast(const History& history, const SeenNumbers& seen, double p, double alpha);
/// Nothing where the tails are too heavy (stats::mean_prediction).
std::optional<Forecast> mean_forecast(const History& history, const SeenNumbers& seen, double alpha);

}  // namespace cupel::prove
