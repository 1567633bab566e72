#include "prove/suggestion.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "expectations/data_check.h"
#include "prove/evaluator.h"
#include "prove/trial_table_internal.h"
#include "stats/distributions.h"

namespace cupel::prove {
namespace {

suite::Suite parsed(const std::string& text) {
  const auto suite = suite::parse_suite(text, "suggested.yaml", expectations::data_subjects());  // reasons are required
  EXPECT_TRUE(suite.has_value()) << suite.error().text() << "\n" << text;
  return *suite;
}

std::string suite_text(const History& history, SuggestOptions options) {
  const auto suggestion = suggest(history, options);
  EXPECT_TRUE(suggestion.has_value()) << suggestion.error().text();
  return suggested_suite(*suggestion, history, options);
}

/// Every fault of a group is enough to choose by, and quick.
SuggestOptions quick() {
  SuggestOptions options;
  options.faults = *select_faults(std::vector<std::string>{"units", "nulls", "new_category", "sign"});
  options.date = "2026-11-20";
  return options;
}

TEST(Suggest, TheSuiteAlarmsOnCleanBatchesAtMostAsOftenAsStated) {
  History history = *make_history(trial_table(6000, 1), "", 600);
  history.source = "trial.csv";
  SuggestOptions options = quick();
  options.false_alarms = 0.05;
  const suite::Suite suite = parsed(suite_text(history, options));
  const auto evaluator = Evaluator::make(suite.expectations, history.rows.schema());
  ASSERT_TRUE(evaluator.has_value());
  constexpr int k_batches = 200;
  int alarms = 0;
  for (int b = 0; b < k_batches; ++b) {
    const auto judgements = evaluator->judge(trial_table(600, 100 + static_cast<std::uint64_t>(b)));
    alarms += std::ranges::any_of(judgements, [](const Judgement& judgement) { return judgement.alarms(); }) ? 1 : 0;
  }
  // One chance in a thousand of more, were the rate 5 %.
  EXPECT_LE(alarms, stats::binomial_quantile(0.999, k_batches, 0.05));
}

TEST(Suggest, WhatItSuggestsCatchesFaultsAndHoldsOnItsOwnRows) {
  History history = *make_history(trial_table(3000, 2), "", 600);
  const auto suggestion = suggest(history, quick());
  ASSERT_TRUE(suggestion.has_value());
  EXPECT_GT(suggestion->killed, suggestion->cases / 2);
  EXPECT_LT(static_cast<std::int64_t>(suggestion->expectations.size()), suggestion->candidates);
  for (const Suggested& each : suggestion->expectations) EXPECT_FALSE(each.entry.because.empty()) << each.what;
}

TEST(Suggest, TheSameSuiteOnAnyNumberOfThreads) {
  History history = *make_history(trial_table(1500, 3), "", 300);
  SuggestOptions one = quick();
  one.threads = 1;
  SuggestOptions three = quick();
  three.threads = 3;
  EXPECT_EQ(suite_text(history, one), suite_text(history, three));
}

TEST(Suggest, ChosenExpectationsGetNewLimitsWithoutATrial) {
  History history = *make_history(trial_table(1500, 4), "", 300);
  SuggestOptions options = quick();
  options.only = {{"amount", "mean"}, {"team", "known values"}};
  const auto suggestion = suggest(history, options);
  ASSERT_TRUE(suggestion.has_value());
  ASSERT_EQ(suggestion->expectations.size(), 2U);
  EXPECT_EQ(suggestion->cases, 0);
  EXPECT_DOUBLE_EQ(suggestion->expectations[0].alpha, 0.005);
}

TEST(Suggest, TheSpreadBetweenRealBatchesWidensTheLimits) {
  // Four times the rows of one table, shifted from batch to batch.
  std::vector<table::Table> batches;
  std::vector<std::string> names;
  for (int b = 0; b < 8; ++b) {
    table::ColumnBuilder column(table::Type::number);
    Random random(6, "shifted", static_cast<std::uint64_t>(b));
    const double level = 100 + 10 * (b % 2 == 0 ? 1 : -1) + random.normal();
    for (int row = 0; row < 500; ++row) column.append(level + random.normal());
    std::vector<table::ColumnBuilder> columns;
    columns.push_back(std::move(column));
    batches.push_back(table::Table(table::Schema{{{"x", table::Type::number}}}, std::move(columns)));
    names.push_back(fmt::format("part-{}.csv", b));
  }
  const History history = *make_history(std::move(batches), names, 0);
  EXPECT_EQ(history.next_rows, 500);
  SuggestOptions options;
  options.only = {{"x", "mean"}};
  const std::string text = suite_text(history, options);
  const suite::Suite suite = parsed(text);
  ASSERT_EQ(suite.expectations.size(), 1U);
  EXPECT_LT(suite.expectations[0].predicate->limits[0].number, 85) << text;
  EXPECT_GT(suite.expectations[0].predicate->limits[1].number, 115) << text;
}

TEST(Suggest, NothingIsExpectedOfTheColumnThatTellsBatchesApart) {
  const History history = *make_history(trial_table(600, 7), "team", 0);
  SuggestOptions options = quick();
  options.keep_all = true;
  const auto suggestion = suggest(history, options);
  ASSERT_TRUE(suggestion.has_value()) << suggestion.error().text();
  EXPECT_FALSE(std::ranges::any_of(suggestion->expectations, [&](const Suggested& each) { return each.column == history.batch_column; }));
}

TEST(Suggest, ADependenceOfOneColumnOnAnotherIsProposed) {
  const History history = *make_history(trial_table(6000, 9), "", 600);
  SuggestOptions options = quick();
  options.only = {{"", "house by team"}};
  const suite::Suite suite = parsed(suite_text(history, options));
  ASSERT_EQ(suite.expectations.size(), 1U);
  EXPECT_EQ(suite.expectations[0].subject->name, "determined");
  const auto evaluator = Evaluator::make(suite.expectations, history.rows.schema());
  ASSERT_TRUE(evaluator.has_value());
  EXPECT_FALSE(evaluator->judge(trial_table(600, 10))[0].alarms());
  const BaselineFacts facts = baseline_facts(history.rows);
  const Fault* join = *std::ranges::find(fault_table(), "wrong_join", &Fault::name);
  const int house = *history.rows.schema().find("house");
  const table::Table joined = apply_fault({join, {"half", 0.5, 0}, {house, -1}, "house", ""}, trial_table(600, 10), facts, 1, 0);
  EXPECT_TRUE(evaluator->judge(joined)[0].alarms());
}

TEST(Suggest, TooLittleDataIsSaidSo) {
  EXPECT_EQ(make_history(trial_table(100), "", 200).error().message, "batches of 200 rows from 100 rows of clean data, expected at least as many");
  EXPECT_EQ(make_history(trial_table(0), "", 0).error().message, "0 rows, nothing to derive limits from");
  EXPECT_EQ(make_history(trial_table(100), "active", 0).error().message, "2 batches, the spread between batches needs at least 3");
  EXPECT_EQ(make_history(trial_table(100), "Team", 0).error().message, "unknown column 'Team' (nearest: 'team')");
}

}  // namespace
}  // namespace cupel::prove
