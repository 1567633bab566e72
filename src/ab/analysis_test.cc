#include "ab/analysis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "base/random.h"
#include "stats/proportion.h"

namespace cupel::ab {
namespace {

using suite::Verdict;

struct Row {
  int unit;
  std::string arm;
  double value;
};

table::Table table_of(const std::vector<Row>& rows) {
  std::vector<table::ColumnBuilder> columns{table::ColumnBuilder(table::Type::integer), table::ColumnBuilder(table::Type::text),
                                            table::ColumnBuilder(table::Type::number)};
  for (const Row& row : rows) {
    columns[0].append(row.unit);
    columns[1].append(std::string_view(row.arm));
    if (std::isnan(row.value))
      columns[2].append_null();
    else
      columns[2].append(row.value);
  }
  return table::Table({{{"user", table::Type::integer}, {"arm", table::Type::text}, {"bought", table::Type::number}}}, std::move(columns));
}

std::vector<Row> experiment(std::int64_t n_a, std::int64_t k_a, std::int64_t n_b, std::int64_t k_b) {
  std::vector<Row> rows;
  int unit = 0;
  for (std::int64_t i = 0; i < n_a; ++i) rows.push_back({unit++, "a", i < k_a ? 1.0 : 0.0});
  for (std::int64_t i = 0; i < n_b; ++i) rows.push_back({unit++, "b", i < k_b ? 1.0 : 0.0});
  return rows;
}

const ArmColumns k_columns{"user", "arm", "bought", "", "", {}, true};

const suite::Outcome& find(const Analysis& analysis, std::string_view subject) {
  for (const suite::Outcome& outcome : analysis.outcomes) {
    if (outcome.subject == subject) return outcome;
  }
  ADD_FAILURE() << "no " << subject;
  return analysis.outcomes.front();
}

TEST(Analysis, IndependentSharesAreComparedByNewcombeAndThePooledTest) {
  // R: prop.test(c(200, 250), c(1000, 1000), correct = FALSE): p 0.007419649261.
  Question question;
  question.claim = Claim::better;
  const auto analysis = analyze_arms(table_of(experiment(1000, 200, 1000, 250)), k_columns, question);
  ASSERT_TRUE(analysis);
  const suite::Outcome& difference = find(*analysis, "difference");
  EXPECT_NEAR(*difference.p_value, 0.007419649261, 1e-12);
  EXPECT_NEAR(difference.observed.get<double>(), 0.05, 1e-15);
  EXPECT_EQ(difference.verdict, Verdict::pass);
  EXPECT_EQ(find(*analysis, "sample_ratio").verdict, Verdict::pass);
  EXPECT_EQ(find(*analysis, "exposures").verdict, Verdict::pass);
}

TEST(Analysis, ADifferenceIsNotJudgedWhenTheSampleRatioFails) {
  const auto analysis = analyze_arms(table_of(experiment(1000, 200, 1200, 400)), k_columns, {});
  EXPECT_EQ(find(*analysis, "sample_ratio").verdict, Verdict::fail);
  EXPECT_EQ(find(*analysis, "difference").verdict, Verdict::inconclusive);
}

TEST(Analysis, UnitsInSeveralArmsAreCountedAndLeftOut) {
  std::vector<Row> rows = experiment(500, 100, 500, 110);
  for (int unit = 0; unit < 20; ++unit) rows.push_back({unit, "b", 1.0});
  const auto analysis = analyze_arms(table_of(rows), k_columns, {});
  const suite::Outcome& exposures = find(*analysis, "exposures");
  EXPECT_EQ(exposures.verdict, Verdict::fail);
  EXPECT_NEAR(exposures.observed.get<double>(), 0.02, 1e-15);
  EXPECT_EQ(find(*analysis, "difference").rows_tested, 980);
}

TEST(Analysis, RowsWithoutAnOutcomeAreLeftOutAndCounted) {
  std::vector<Row> rows = experiment(50, 10, 50, 11);
  rows[0].value = std::nan("");
  const auto analysis = analyze_arms(table_of(rows), k_columns, {});
  EXPECT_EQ(find(*analysis, "difference").rows_tested, 99);
  EXPECT_EQ(analysis->facts["arms"][0]["rows_without_outcome"], 1);
}

TEST(Analysis, LowerIsBetterTurnsTheClaimAround) {
  Question question;
  question.claim = Claim::better;
  ArmColumns columns = k_columns;
  columns.higher_is_better = false;
  EXPECT_EQ(find(*analyze_arms(table_of(experiment(1000, 250, 1000, 150)), columns, question), "difference").verdict, Verdict::pass);
  EXPECT_EQ(find(*analyze_arms(table_of(experiment(1000, 250, 1000, 150)), k_columns, question), "difference").verdict, Verdict::fail);
}

TEST(Analysis, ThreeArmsShareTheError) {
  std::vector<Row> rows = experiment(300, 60, 300, 70);
  for (int i = 0; i < 300; ++i) rows.push_back({1000 + i, "c", i < 75 ? 1.0 : 0.0});
  const auto analysis = analyze_arms(table_of(rows), k_columns, {});
  ASSERT_EQ(analysis->outcomes.size(), 4U);
  EXPECT_EQ(analysis->outcomes[2].id, "difference(b - a)");
  EXPECT_EQ(analysis->outcomes[3].id, "difference(c - a)");
  EXPECT_NEAR(analysis->outcomes[3].interval->confidence, 0.975, 1e-15);
}

TEST(Analysis, MistakesAreNamed) {
  const table::Table table = table_of(experiment(10, 2, 10, 3));
  ArmColumns columns = k_columns;
  columns.arm = "amr";
  EXPECT_EQ(analyze_arms(table, columns, {}).error().message, "unknown column 'amr' (nearest: 'arm')");
  columns = k_columns;
  columns.outcome = "arm";
  EXPECT_EQ(analyze_arms(table, columns, {}).error().message,
            "column 'arm' holds text, expected 0 and 1, true and false, or numbers as outcome");
  columns = k_columns;
  columns.plan = *parse_arms("a:50%,c:50%");
  EXPECT_EQ(analyze_arms(table, columns, {}).error().message, "arm 'b' in column 'arm' is not planned (nearest: 'a')");
  columns = k_columns;
  columns.control = "x";
  EXPECT_FALSE(analyze_arms(table, columns, {}));
  EXPECT_EQ(analyze_arms(table_of({}), k_columns, {}).error().message, "the table has no rows, so there is nothing to compare");
  EXPECT_EQ(analyze_arms(table_of(experiment(10, 2, 0, 0)), k_columns, {}).error().message, "1 arm in column 'arm', expected at least 2");
}

TEST(Analysis, AnArmWithoutAnyOutcomeIsAnErrorAndNotAPass) {
  std::vector<Row> rows = experiment(10, 3, 10, 4);
  for (Row& row : rows) {
    if (row.arm == "b") row.value = std::nan("");
  }
  EXPECT_EQ(find(*analyze_arms(table_of(rows), k_columns, {}), "difference").verdict, Verdict::error);
}

TEST(Analysis, TheSizeAtTheMarginOfNonInferiorityStaysBelowAlpha) {
  // True difference exactly at the margin: 'not worse' must pass in at most 2.5 % of the runs (a one-sided error of a 95 % interval).
  const int runs = std::getenv("CUPEL_SLOW") ? 3000 : 150;
  int passed = 0;
  Question question;
  question.margin = 0.05;
  for (int run = 0; run < runs; ++run) {
    Random random(1, "margin", static_cast<std::uint64_t>(run));
    std::vector<Row> rows;
    for (int unit = 0; unit < 600; ++unit)
      rows.push_back({unit, unit % 2 ? "b" : "a", random.uniform() < (unit % 2 ? 0.35 : 0.40) ? 1.0 : 0.0});
    passed += find(*analyze_arms(table_of(rows), k_columns, question), "difference").verdict == Verdict::pass ? 1 : 0;
  }
  EXPECT_LE(stats::clopper_pearson_lower(passed, runs, 0.999), 0.025) << passed;
}

}  // namespace
}  // namespace cupel::ab
