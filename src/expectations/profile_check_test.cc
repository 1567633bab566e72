// A suite against a profile gives the verdicts that it gives against the rows, or says that it cannot.
#include "expectations/profile_check.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "expectations/data_check.h"
#include "table/table.h"

namespace cupel::expectations {
namespace {

table::Table people(std::uint64_t seed) {
  table::Schema schema{{{"age", table::Type::integer}, {"score", table::Type::number}, {"team", table::Type::text}}};
  std::vector<table::ColumnBuilder> columns;
  for (const table::Field& field : schema.fields) columns.emplace_back(field.type);
  Random random(seed, "people");
  for (int row = 0; row < 3000; ++row) {
    random.below(20) == 0 ? columns[0].append_null() : columns[0].append(static_cast<std::int64_t>(18 + random.below(70)));
    columns[1].append(static_cast<double>(random.below(100'000)) / 7);
    columns[2].append(std::string_view(random.below(3) == 0 ? "red" : "blue"));
  }
  return {std::move(schema), std::move(columns)};
}

states::ProfileSource profile_of(std::uint64_t seed, std::int64_t state_bytes = states::k_state_bytes) {
  table::Table table = people(seed);
  states::ProfileOptions options;
  options.state_bytes = state_bytes;
  auto profile = states::make_profile(table, options);
  EXPECT_TRUE(profile) << profile.error().text();
  return states::ProfileSource(std::move(*profile));
}

suite::Suite suite_of(const std::string& entries) {
  suite::LoadOptions load = data_subjects();
  load.reasons_required = false;
  auto suite = suite::parse_suite("cupel: 1\nsuite: people\nexpect:\n" + entries, "people", load);
  EXPECT_TRUE(suite) << suite.error().text();
  return std::move(*suite);
}

std::vector<std::string> lines(const std::vector<suite::Outcome>& outcomes) {
  std::vector<std::string> all;
  for (const suite::Outcome& outcome : outcomes) all.push_back(fmt::format("{}: {}", suite::verdict_name(outcome.verdict), outcome.message));
  return all;
}

TEST(ProfileCheck, JudgesOneColumnAsTheRowsDo) {
  const suite::Suite suite = suite_of(
      "  - {nulls: age, at_most: 3%}\n"
      "  - {nulls: age, at_most: 10%, where: \"age is null\"}\n"
      "  - {values: age, between: [20, 80]}\n"
      "  - {values: age, between: [18, 80], mostly: 90%}\n"
      "  - {values: team, in: [red, green]}\n"
      "  - {values: team, match: \"^(red|blue)$\"}\n"
      "  - {lengths: team, between: [3, 4]}\n"
      "  - {mean: score, between: [7000, 7300]}\n"
      "  - {quantile: score, at: 0.9, at_least: 13000}\n"
      "  - {median: age, at_most: 53, where: \"age > 30\"}\n"
      "  - {distinct: age, equals: 70}\n"
      "  - {duplicates: team, at_most: 10}\n"
      "  - {share: team, of: red, between: [30%, 36%]}\n"
      "  - {distribution: team, like: {red: 33%, blue: 67%}, within: {tvd: 5%}}\n"
      "  - {distribution: age, same_as: reference, within: {ks: 0.1}}\n"
      "  - {mean: age, equals: {reference: mean, within: 5%}}\n"
      "  - {type: age, equals: integer}\n"
      "  - {rows: table, between: [2000, 4000]}\n"
      "  - {columns: table, equals: [age, score, team]}\n"
      "  - {every_row: \"age >= 18\"}\n"
      "  - {columns_with_nulls: table, at_most: 1}\n"
      "  - {columns_with_nulls: [age, team], equals: 0}\n"
      "  - {constant_columns: table, equals: 0}\n"
      "  - {constant_columns: table, almost: 30%, equals: 1}\n"
      "  - {empty_columns: table, equals: 0}\n"
      "  - {nulls: agee, equals: 0}\n");
  table::Table table = people(1);
  table::Table reference = people(2);
  RunOptions options;
  const auto truth = run_suite(suite, table, &reference, options);
  ASSERT_TRUE(truth) << truth.error().text();
  states::ProfileSource profile = profile_of(1);
  states::ProfileSource other = profile_of(2);
  const auto report = check_profile(suite, profile, &other, options);
  ASSERT_TRUE(report) << report.error().text();
  std::vector<std::string> expected = lines(truth->results);
  for (std::string& line : expected) {
    const std::size_t first = line.find("first in row ");
    if (first != std::string::npos) line.replace(first, line.find(": ", first) + 2 - first, "such as ");
  }
  EXPECT_EQ(lines(report->results), expected);
  EXPECT_EQ(report->data.rows, 3000);
  EXPECT_EQ(report->data.note, "checked against a profile");
  for (const suite::Outcome& outcome : report->results) EXPECT_TRUE(outcome.unexpected_rows.empty());
}

TEST(ProfileCheck, SaysWhatAProfileCannotAnswer) {
  const suite::Suite suite = suite_of(
      "  - {every_row: \"age < score\"}\n"
      "  - {duplicates: [age, team], equals: 0}\n"
      "  - {mean: age, at_least: 1, where: \"team = 'red'\"}\n"
      "  - {values: age, order: increasing}\n"
      "  - {nulls: age, at_most: 10%}\n"
      "  - {empty_columns: [age, score], equals: 0, where: \"team = 'red'\"}\n"
      "  - {duplicate_columns: [age, score], equals: 0}\n");
  states::ProfileSource profile = profile_of(1);
  const auto report = check_profile(suite, profile, nullptr, {});
  ASSERT_TRUE(report) << report.error().text();
  const std::vector<std::string> found = lines(report->results);
  EXPECT_EQ(found[0], "error: not answerable from a profile: it reads 'age', 'score' row by row, and a profile keeps each column for itself");
  EXPECT_EQ(found[1], "error: not answerable from a profile: it reads 'age', 'team' row by row, and a profile keeps each column for itself");
  EXPECT_EQ(found[2], "error: not answerable from a profile: it reads 'age', 'team' row by row, and a profile keeps each column for itself");
  EXPECT_EQ(found[3], "error: not answerable from a profile: a profile does not keep the order of the rows");
  EXPECT_EQ(report->results[4].verdict, suite::Verdict::pass);
  EXPECT_EQ(found[5], "error: not answerable from a profile: it reads 'age', 'score', 'team' row by row, and a profile keeps each column for itself");
  EXPECT_EQ(found[6], "error: not answerable from a profile: it reads 'age', 'score' row by row, and a profile keeps each column for itself");
}

TEST(ProfileCheck, ASketchedColumnIsJudgedByItsBounds) {
  const suite::Suite suite = suite_of(
      "  - {mean: score, between: [7000, 7300]}\n"
      "  - {max: score, at_most: 14286}\n"
      "  - {median: score, between: [6500, 7600]}\n"
      "  - {distinct: score, between: [2500, 3100]}\n"
      "  - {distinct: score, at_most: 2957}\n"
      "  - {nulls: score, equals: 0}\n"
      "  - {values: score, at_least: 0}\n"
      "  - {interquartile_range: score, between: [6000, 8300]}\n"
      "  - {empty_columns: table, equals: 0}\n"
      "  - {constant_columns: table, equals: 0}\n"
      "  - {columns_with_nulls: score, equals: 0}\n"
      "  - {constant_columns: table, almost: 90%, equals: 0}\n");
  states::ProfileSource profile = profile_of(1, 10'000);
  const auto report = check_profile(suite, profile, nullptr, {});
  ASSERT_TRUE(report) << report.error().text();
  using suite::Verdict;
  const std::vector<Verdict> expected = {Verdict::pass, Verdict::pass, Verdict::pass, Verdict::pass, Verdict::inconclusive, Verdict::pass, Verdict::error, Verdict::pass, Verdict::pass, Verdict::pass, Verdict::pass, Verdict::error};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(report->results[i].verdict, expected[i]) << report->results[i].message;
  EXPECT_TRUE(report->results[4].interval);
  EXPECT_TRUE(report->results[6].message.starts_with("not answerable from a profile: column 'score' has about 2,9")) << report->results[6].message;
}

}  // namespace
}  // namespace cupel::expectations
