#include "prove/harm.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "expectations/data_check.h"
#include "prove/entry_limits.h"
#include "prove/evaluator.h"
#include "prove/suggestion.h"
#include "prove/trial_table_internal.h"

namespace cupel::prove {
namespace {

suite::Suite parsed(const std::string& text, bool reasons = true) {
  suite::LoadOptions load = expectations::data_subjects();
  load.reasons_required = reasons;
  const auto suite = suite::parse_suite(text, "suggested.yaml", load);
  EXPECT_TRUE(suite.has_value()) << suite.error().text() << "\n" << text;
  return *suite;
}

/// A "model" that needs one thing: amounts that are there and of the usual size. It does not look at the name.
SuggestOptions options_for(const History& history) {
  SuggestOptions options;
  options.faults = *select_faults(std::vector<std::string>{"nulls_mcar", "units", "typo"});
  options.harm = Harm{};
  options.harm->of = "the score";
  options.harm->most = 0.2;
  options.harm->cases_per_column = 60;
  options.harm->fields = {*history.rows.schema().find("amount"), *history.rows.schema().find("name")};
  options.harm->score = [](const table::Table& rows) -> std::optional<double> {
    const auto amount = rows.column("amount");
    if (!amount || !table::is_numeric(amount->type)) return std::nullopt;
    std::int64_t usual = 0;
    for (std::int64_t row = 0; row < amount->num_rows; ++row) usual += !amount->is_null(row) && amount->as_number(row) < 150 ? 1 : 0;
    return static_cast<double>(usual) / static_cast<double>(rows.num_rows());
  };
  return options;
}

bool alarms(const suite::Suite& suite, const table::Table& rows) {
  const auto evaluator = Evaluator::make(suite.expectations, rows.schema());
  EXPECT_TRUE(evaluator.has_value());
  return std::ranges::any_of(evaluator->judge(rows), &Judgement::alarms);
}

table::Table damaged(const History& history, const char* fault, const char* column, double share) {
  const BaselineFacts facts = baseline_facts(history.rows);
  const Fault* found = *std::ranges::find(fault_table(), fault, &Fault::name);  // `units` is also a group
  FaultCase one{found, found->severities.front(), {*history.rows.schema().find(column), -1}, column, ""};
  one.severity.share = share;
  return apply_fault(one, trial_table(600, 77), facts, 5, 0);
}

TEST(Harm, AlarmsOnDamageThatMattersAndOnNoOther) {
  const History history = *make_history(trial_table(6000, 1), "", 600);
  const SuggestOptions options = options_for(history);
  const auto suggestion = suggest(history, options);
  ASSERT_TRUE(suggestion.has_value()) << suggestion.error().text();
  EXPECT_GT(suggestion->harmful, 10);
  EXPECT_GE(suggestion->killed, suggestion->harmful * 9 / 10);
  EXPECT_LE(suggestion->harmless_alarms, suggestion->cases / 20);
  for (const Suggested& each : suggestion->expectations) EXPECT_NE(each.column, "name") << each.what;
  const suite::Suite suite = parsed(suggested_suite(*suggestion, history, options));
  EXPECT_FALSE(alarms(suite, trial_table(600, 77)));
  EXPECT_FALSE(alarms(suite, damaged(history, "nulls_mcar", "amount", 0.05)));  // a plain suggestion would
  EXPECT_TRUE(alarms(suite, damaged(history, "nulls_mcar", "amount", 0.5)));
  EXPECT_TRUE(alarms(suite, damaged(history, "units", "amount", 0.8))) << suggested_suite(*suggestion, history, options);
  EXPECT_FALSE(alarms(suite, damaged(history, "typo", "name", 0.9)));
}

TEST(Harm, TheSameSuiteOnAnyNumberOfThreads) {
  const History history = *make_history(trial_table(2000, 2), "", 300);
  SuggestOptions options = options_for(history);
  options.threads = 1;
  const std::string one = suggested_suite(*suggest(history, options), history, options);
  options.threads = 3;
  EXPECT_EQ(one, suggested_suite(*suggest(history, options), history, options));
}

TEST(Harm, WhatTheModelRefusesIsAMistakeOnCleanRows) {
  const History history = *make_history(trial_table(2000, 2), "", 300);
  SuggestOptions options = options_for(history);
  options.harm->score = [](const table::Table&) { return std::optional<double>(); };
  EXPECT_EQ(suggest(history, options).error().message, "the model has no score on 300 clean rows, expected one above 0");
  options = options_for(history);
  options.harm->score = [](const table::Table&) { return std::optional<double>(0.9); };
  EXPECT_TRUE(suggest(history, options).error().message.starts_with("0 of ")) << suggest(history, options).error().message;
}

TEST(EntryLimits, ReadAndWrittenAnew) {
  const suite::Suite suite = parsed(
      "cupel: 1\nsuite: s\nexpect:\n"
      "  - {nulls: a, equals: 0}\n  - {nulls: a, between: [1%, 4%]}\n  - {mean: a, between: [3, 5]}\n  - {values: a, between: [0, 9], mostly: 99%}\n"
      "  - {columns: table, equals: [a]}\n  - {duplicates: a, equals: 0}\n  - {distinct: a, between: [3, 9]}\n",
      false);
  using Kind = EntryLimits::Kind;
  std::vector<EntryLimits> limits;
  for (const auto& expectation : suite.expectations) limits.push_back(limits_of(expectation));
  EXPECT_EQ(limits[0].kind, Kind::share);
  EXPECT_TRUE(limits[0].counted);
  EXPECT_EQ(limits[1].high, 0.04);
  EXPECT_EQ(limits[2].kind, Kind::number);
  EXPECT_EQ(limits[3].kind, Kind::unexpected);
  EXPECT_NEAR(*limits[3].high, 0.01, 1e-12);
  EXPECT_EQ(limits[4].kind, Kind::none);
  EXPECT_EQ(limits[5].kind, Kind::none);
  EXPECT_TRUE(limits[6].whole);
  EXPECT_EQ(with_limits({.lines = {"distinct: a", "between: [3, 9]"}}, {Kind::number, false, 1.5, 96.5, true}).lines[1], "between: [1, 97]");
  Judgement judgement{suite::Verdict::fail, 1.0, 50, 5};
  EXPECT_DOUBLE_EQ(*compared(limits[0], judgement), 0.02);  // one row of 50
  EXPECT_DOUBLE_EQ(*compared(limits[1], judgement), 1);
  EXPECT_DOUBLE_EQ(*compared(limits[3], judgement), 0.1);
  EXPECT_FALSE(compared(limits[4], judgement).has_value());
  const Entry written = with_limits({.lines = {"values: a", "between: [0, 9]", "mostly: 99%"}}, {Kind::unexpected, false, std::nullopt, 0.25});
  EXPECT_EQ(written.lines, (std::vector<std::string>{"values: a", "between: [0, 9]", "mostly: 75%"}));
  EXPECT_EQ(with_limits({.lines = {"nulls: a", "equals: 0"}}, {Kind::share, true, std::nullopt, 0.3}).lines[1], "at_most: 30%");
  EXPECT_EQ(with_limits({.lines = {"mean: a", "between: [3, 5]"}}, {Kind::number, false, 1.5, std::nullopt}).lines[1], "at_least: 1.5");
}

}  // namespace
}  // namespace cupel::prove
