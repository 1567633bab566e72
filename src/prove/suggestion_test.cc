#include "prove/suggestion.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "expectations/data_check.h"
#include "prove/coded_null_words.h"
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
  std::vector<table::Table> two{trial_table(50, 1), trial_table(50, 2)};
  EXPECT_EQ(make_history(std::move(two), {"a.csv", "b.csv"}, 0).error().hint, "give more files, or put all rows into one");
}

// If 1 of n + 1 exchangeable rows is bad, each is the last one with chance 1 / (n + 1): 99 rows promise 1 % of batches of one row.
TEST(Suggest, WhatCannotBePromisedSaysHowManyRowsWould) {
  const History few = *make_history(trial_table(98), "", 1);
  const auto refused = suggest(few, {.date = "2026-11-24"});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message, "not enough data to promise 1.00 % of batches of 1 row: needs at least 99 rows, there are 98");
  SuggestOptions options;
  options.faults = {*std::ranges::find(fault_table(), "column_missing", &Fault::name)};
  EXPECT_TRUE(suggest(*make_history(trial_table(99), "", 1), options).has_value());
}

TEST(Suggest, ValuesThatStandForMissingOnesAreNamedWithEvidence) {
  table::Schema schema{{{"age", table::Type::integer}, {"name", table::Type::text}, {"temperature", table::Type::integer}}};
  std::vector<table::ColumnBuilder> columns{table::ColumnBuilder(table::Type::integer), table::ColumnBuilder(table::Type::text), table::ColumnBuilder(table::Type::integer)};
  for (int row = 0; row < 1000; ++row) {
    columns[0].append(row % 100 == 0 ? -1 : 18 + row % 60);
    columns[1].append(row % 50 == 0 ? std::string_view(" N/A ") : row % 500 == 1 ? std::string_view("unknown") : std::string_view("Ada"));
    columns[2].append(row % 40 - 10);  // -9 among others is a temperature
  }
  const History history = *make_history(table::Table(std::move(schema), std::move(columns)), "", 0);
  const BaselineFacts facts = baseline_facts(history.rows);
  const Seen seen{history, facts};
  const auto age = coded_null_words(seen, 0);
  ASSERT_EQ(age.size(), 1U);
  EXPECT_EQ(age[0].value, "-1");
  EXPECT_EQ(age[0].evidence, "in 10 of 1,000 rows (1.00 %), the least value; the next is 18");
  const auto name = coded_null_words(seen, 1);  // two of "unknown" are not more than 0.2 %
  ASSERT_EQ(name.size(), 1U);
  EXPECT_EQ(name[0].value, " N/A ");
  EXPECT_TRUE(coded_null_words(seen, 2).empty());
}

}  // namespace
}  // namespace cupel::prove
