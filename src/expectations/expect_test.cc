#include "expectations/expect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "expectations/data_check.h"
#include "table/table.h"

namespace cupel::expect {
namespace {

using ::testing::HasSubstr;

/// Ages 10, 20 … 100 with one missing, and a team.
table::Table people() {
  table::ColumnBuilder age(table::Type::integer);
  table::ColumnBuilder team(table::Type::text);
  for (std::int64_t i = 1; i <= 10; ++i) {
    i == 5 ? age.append_null() : age.append(i * 10);
    team.append(std::string_view(i % 2 == 0 ? "red" : "blue"));
  }
  return {table::Schema{{{"Age", table::Type::integer}, {"Team", table::Type::text}}}, {age, team}};
}

suite::Verdict verdict_of(const Builder& expectation) {
  table::Table table = people();
  const auto outcome = check(expectation, table);
  EXPECT_TRUE(outcome) << outcome.error().text();
  return outcome ? outcome->verdict : suite::Verdict::error;
}

TEST(Expect, SaysInCppWhatASuiteSaysInYaml) {
  using suite::Verdict;
  EXPECT_EQ(verdict_of(nulls("Age").at_most(percent(10)).because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(nulls("Age").equals(0).because("x")), Verdict::fail);
  EXPECT_EQ(verdict_of(values("Age").between(20, 100).mostly(percent(85)).because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(values("Age").at_least(20).where("Team = 'blue'").because("x")), Verdict::fail);
  EXPECT_EQ(verdict_of(values("Team").in({"red", "blue"}).because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(values("Team").match("^r").because("x")), Verdict::fail);
  EXPECT_EQ(verdict_of(mean("Age").between(55.5, 55.6).because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(quantile("Age", 0.5).equals(60).because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(share("Team", {"red"}).equals(percent(50)).because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(distinct("Team").equals(2).because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(duplicates({"Age", "Team"}).equals(0).because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(type("Age").equals("integer").because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(rows().equals(10).because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(columns().include({"Age"}).because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(every_row("Age >= 10").because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(primary_key({"Age"}).mostly(percent(90)).because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(determined("Team", {"Age"}).because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(outliers("Age").equals(0).method("mad").because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(incomplete_rows().equals(1).because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(mode_share("Team").equals(percent(50)).because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(gaps("Age").at_most(10).because("x")), Verdict::fail);
  EXPECT_EQ(verdict_of(subject("empty_columns", "table").equals(0).because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(subject("row_sums", {"Age", "Age"}).at_most(200).because("x")), Verdict::pass);
  EXPECT_EQ(verdict_of(distribution("Team").like({{"red", 50}, {"blue", 50}}).because("x")), Verdict::inconclusive);
}

TEST(Expect, FailsWithTheReasonAndTheDerivation) {
  table::Table table = people();
  const auto outcome = check(values("Age").at_most(90).because("nobody is older").derived("the register"), table);
  ASSERT_TRUE(outcome) << outcome.error().text();
  EXPECT_EQ(explain(*outcome),
            "fail: values of 'Age' at most 90\n"
            "  1 of 9 tested rows unexpected (11.11 %), first in row 9: '100'; expected at most 90\n"
            "  because nobody is older\n"
            "  derived: the register");
}

TEST(Expect, MistakesCarryThePlaceOfTheCall) {
  table::Table table = people();
  const auto refused = check(nulls("Age").at_most(percent(150)).because("x"), table);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("expect_test.cc:"));
  EXPECT_THAT(refused.error().message, HasSubstr("expected a share from 0% to 100%"));
  const auto unknown = check(nulls("Agee").equals(0).because("x"), table);
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->verdict, suite::Verdict::error);
  EXPECT_THAT(unknown->message, HasSubstr("unknown column 'Agee' (nearest: 'Age')"));
}

TEST(Expect, CountsNanAndInfinities) {
  table::ColumnBuilder x(table::Type::number);
  for (const double value : {1.0, std::nan(""), -HUGE_VAL, 2.5}) x.append(value);
  x.append_null();
  table::Table table({{{"x", table::Type::number}}}, {x});
  const auto outcome = check(subject("non_finite", "x").at_most(1).because("x"), table);
  ASSERT_TRUE(outcome) << outcome.error().text();
  EXPECT_EQ(outcome->verdict, suite::Verdict::fail);
  EXPECT_EQ(outcome->message, "2 of 4 rows NaN or infinite (50.00 %), expected at most 1");
  EXPECT_EQ(outcome->unexpected_rows.rows(), (std::vector<std::int64_t>{1, 2}));
}

TEST(Expect, ListsEveryRowThatACheckAcrossRowsFails) {
  const auto rows_of = [](const Builder& expectation) {
    table::ColumnBuilder key(table::Type::integer);
    table::ColumnBuilder value(table::Type::text);
    for (const auto& [k, v] : std::vector<std::pair<int, const char*>>{{1, "a"}, {2, "b"}, {1, "c"}, {1, "a"}, {90, "d"}, {3, "b"}}) {
      key.append(k);
      value.append(std::string_view(v));
    }
    table::Table table({{{"k", table::Type::integer}, {"v", table::Type::text}}}, {key, value});
    const auto outcome = check(expectation, table);
    EXPECT_TRUE(outcome) << outcome.error().text();
    return outcome ? outcome->unexpected_rows.rows() : std::vector<std::int64_t>();
  };
  using Rows = std::vector<std::int64_t>;
  EXPECT_EQ(rows_of(primary_key({"k"}).because("x")), (Rows{2, 3}));
  EXPECT_EQ(rows_of(uniqueness({"k"}).equals(percent(100)).because("x")), (Rows{0, 2, 3}));
  EXPECT_EQ(rows_of(determined("v", {"k"}).because("x")), (Rows{2}));
  EXPECT_EQ(rows_of(outliers("k").equals(0).because("x")), (Rows{4}));
  EXPECT_EQ(rows_of(gaps("k").at_most(1).because("x")), (Rows{4}));
}

TEST(Expect, WantsAReason) {
  table::Table table = people();
  const auto refused = check(nulls("Age").equals(1), table);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("'nulls' has no reason"));
}

}  // namespace
}  // namespace cupel::expect
