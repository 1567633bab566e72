#include "prove/novelty.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "prove/suggestion.h"

namespace cupel::prove {
namespace {

/// One column of whole numbers, one batch a vector.
History history_of(const std::vector<std::vector<std::int64_t>>& batches, table::Type type = table::Type::integer) {
  std::vector<table::Table> tables;
  std::vector<std::string> names;
  for (const auto& batch : batches) {
    std::vector<table::ColumnBuilder> columns;
    columns.emplace_back(type);
    for (const std::int64_t value : batch) {
      if (type == table::Type::text) {
        columns[0].append(std::string_view(fmt::format("c{}", value)));
      } else {
        columns[0].append(value);
      }
    }
    tables.push_back(table::Table(table::Schema{{{"x", type}}}, std::move(columns)));
    names.push_back(fmt::format("part-{}", names.size()));
  }
  return *make_history(std::move(tables), names, 0);
}

std::vector<std::int64_t> uniform_rows(std::uint64_t index, int rows, std::int64_t from, std::int64_t values) {
  Random random(11, "rows", index);
  std::vector<std::int64_t> batch;
  for (int row = 0; row < rows; ++row) batch.push_back(from + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(values))));
  return batch;
}

Entry entry_of(const History& history, const std::string& what, double alpha) {
  const BaselineFacts facts = baseline_facts(history.rows);
  const Seen seen{history, facts};
  for (const Candidate& candidate : candidates(seen)) {
    if (candidate.what != what) continue;
    const auto entry = candidate.entry(alpha);
    return entry ? *entry : Entry{};
  }
  ADD_FAILURE() << "no candidate " << what;
  return {};
}

TEST(Novelty, RowsBeyondTheOthersAndBeyondTheOnesBefore) {
  const History history = history_of({{5, 6}, {4, 7, 7}, {1, 5}, {9, 9}});
  const SeenNumbers seen = seen_numbers(history, 0);
  const Novelty range = beyond_range(seen, {});
  EXPECT_EQ(range.tested, (std::vector<std::int64_t>{2, 3, 2, 2}));
  EXPECT_EQ(range.alone, (std::vector<std::int64_t>{0, 0, 1, 2}));
  EXPECT_EQ(range.ahead, (std::vector<std::int64_t>{0, 3, 1, 2}));
  EXPECT_EQ(beyond_range(seen, {.upper = true}).ahead, (std::vector<std::int64_t>{0, 1, 1, 0}));
  const Novelty values = new_categories(history, {0, 1, 2, 3, 3, 4, 0, -1, 5}, 6);
  EXPECT_EQ(values.tested, (std::vector<std::int64_t>{2, 3, 2, 1}));
  EXPECT_EQ(values.alone, (std::vector<std::int64_t>{1, 3, 1, 1}));
  EXPECT_EQ(values.ahead, (std::vector<std::int64_t>{0, 3, 1, 1}));
}

TEST(Novelty, NumbersGivenOutInAscendingOrderHaveNoUpperEnd) {
  std::vector<std::vector<std::int64_t>> batches;
  for (std::uint64_t b = 0; b < 20; ++b) batches.push_back(uniform_rows(b, 200, 1, 400 + 10 * static_cast<std::int64_t>(b)));
  const Entry entry = entry_of(history_of(batches), "range", 0.001);
  ASSERT_GE(entry.lines.size(), 2U);
  EXPECT_TRUE(entry.lines[1].starts_with("at_least: ")) << entry.lines[1];
  EXPECT_NE(entry.from.find("the greatest value rose in "), std::string::npos) << entry.from;
  std::ranges::reverse(batches);  // and the other way round
  EXPECT_FALSE(moving_ends(seen_numbers(history_of(batches), 0)).upper);
  for (auto& batch : batches) {
    for (std::int64_t& value : batch) value = -value;
  }
  std::ranges::reverse(batches);
  EXPECT_TRUE(moving_ends(seen_numbers(history_of(batches), 0)).lower);
}

TEST(Novelty, BatchesThatAreAlikeKeepBothEnds) {
  int moved = 0;
  for (std::uint64_t run = 0; run < 200; ++run) {
    std::vector<std::vector<std::int64_t>> batches;
    for (std::uint64_t b = 0; b < 20; ++b) batches.push_back(uniform_rows(1000 * run + b, 50, 1, 1000000));
    const MovingEnds ends = moving_ends(seen_numbers(history_of(batches), 0));
    moved += ends.upper || ends.lower ? 1 : 0;
  }
  EXPECT_LE(moved, 200 * 0.02 + 3 * 2);
}

TEST(Novelty, SingleRowsAreLimitedByTheirRateAndBurstsBySize) {
  Novelty singles{std::vector<std::int64_t>(40, 1000), std::vector<std::int64_t>(40, 0), std::vector<std::int64_t>(40, 0)};
  for (const std::size_t b : {12U, 20U, 31U}) singles.ahead[b] = singles.alone[b] = 1;
  const NoveltyLimit rate = novelty_limit(singles, 0.001, 1000, 1e-4);
  EXPECT_LE(rate.share, 0.005) << rate.words;
  Novelty bursts = singles;
  bursts.ahead[20] = 30;
  const NoveltyLimit wide = novelty_limit(bursts, 0.001, 1000, 1e-4);
  EXPECT_GT(wide.share, 0.06) << wide.words;
  EXPECT_NE(wide.words.find("up to 30 rows at once: they come in bursts"), std::string::npos) << wide.words;
}

TEST(Forecast, AShareThatNeverWasZeroMayStillBeZero) {
  // One to four of 200 rows: the logarithm of odds never reaches 0, a limit below that of one row does.
  std::vector<std::vector<std::int64_t>> batches;
  for (int b = 0; b < 20; ++b) {
    std::vector<std::int64_t> batch(200, 0);
    for (int i = 0; i < (b % 4 == 3 ? 12 : 1); ++i) batch[static_cast<std::size_t>(i)] = 1;
    batches.push_back(std::move(batch));
  }
  const History history = history_of(batches);
  const table::Column column = history.rows.column(0);
  const Forecast forecast = share_forecast(history, seen_share(history, [&](std::int64_t row) { return std::optional(column.integers()[row] == 1); }), 1e-3, 2);
  EXPECT_EQ(forecast.low, 0);
  EXPECT_GT(forecast.high, 0.06);
}

TEST(Forecast, AQuantileThatNeverMovedMayMoveWhereTheSharesDo) {
  // The 5 % quantile is 1 in every batch, and the share of ones falls between 6 and 20 %.
  std::vector<std::vector<std::int64_t>> batches;
  for (int b = 0; b < 30; ++b) {
    std::vector<std::int64_t> batch(1000, 2);
    for (int i = 0; i < 60 + 5 * ((b * 7) % 29); ++i) batch[static_cast<std::size_t>(i)] = 1;
    batches.push_back(std::move(batch));
  }
  const History history = history_of(batches);
  const SeenNumbers seen = seen_numbers(history, 0);
  for (const auto& batch : seen.batch_sorted) EXPECT_EQ(batch[50], 1);
  const auto forecast = quantile_forecast(history, seen, 0.05, 1e-4);
  ASSERT_TRUE(forecast.has_value());
  EXPECT_EQ(forecast->low, 1);
  EXPECT_EQ(forecast->high, 2);
  // With a share far from 5 % it cannot.
  for (auto& batch : batches) std::fill_n(batch.begin(), 500, 1);
  const History steady = history_of(batches);
  const auto firm = quantile_forecast(steady, seen_numbers(steady, 0), 0.05, 1e-4);
  ASSERT_TRUE(firm.has_value());
  EXPECT_EQ(firm->high, 1);
}

}  // namespace
}  // namespace cupel::prove
