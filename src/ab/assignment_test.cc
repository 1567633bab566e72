#include "ab/assignment.h"

#include <gtest/gtest.h>

#include "ab/sample_ratio.h"
#include "table/table.h"

namespace cupel::ab {
namespace {

std::string message_of(std::string_view arms) { return parse_arms(arms).error().message; }

TEST(Assignment, ArmsAreReadAsSharesOrProportions) {
  const auto shares = parse_arms("control:90%, new:10%");
  ASSERT_TRUE(shares);
  EXPECT_EQ((*shares)[0].name, "control");
  EXPECT_NEAR((*shares)[1].weight, 0.1, 1e-15);
  EXPECT_NEAR((*parse_arms("a:1,b:2,c:1"))[1].weight, 0.5, 1e-15);
}

TEST(Assignment, MistakesInArmsAreNamed) {
  EXPECT_EQ(message_of("a:50%"), "1 arms, expected 2 to 20");
  EXPECT_EQ(message_of("a:50%,b:40%"), "weights of the arms add up to 90.00 %, expected 100 %");
  EXPECT_EQ(message_of("a:50%,a:50%"), "arm 'a' is named twice");
  EXPECT_EQ(message_of("a:50%,b:x"), "weight 'x' of arm 'b', expected a share such as 50% or a proportion such as 1");
  EXPECT_EQ(message_of("a:50%,b:-1"), "weight '-1' of arm 'b', expected a share such as 50% or a proportion such as 1");
  EXPECT_EQ(message_of("a,b"), "'a' among the arms, expected NAME:WEIGHT such as a:50%");
  EXPECT_EQ(message_of("a:0,b:0"), "all weights of the arms are 0, expected positive ones");
}

TEST(Assignment, BucketsFallIntoStretchesInOrder) {
  const std::vector<Arm> arms{{"a", 0.2}, {"none", 0}, {"b", 0.8}};
  EXPECT_EQ(arm_of_bucket(0, arms), 0U);
  EXPECT_EQ(arm_of_bucket(0.19999, arms), 0U);
  EXPECT_EQ(arm_of_bucket(0.2, arms), 2U);
  EXPECT_EQ(arm_of_bucket(0.9999999999, arms), 2U);
}

TEST(Assignment, RowsOfOneUnitMeetOneArm) {
  table::ColumnBuilder ids(table::Type::integer);
  for (const int id : {7, 9, 7, 11, 9}) ids.append(id);
  const auto units = units_of(ids.view(), "id");
  ASSERT_TRUE(units);
  EXPECT_EQ(units->names, (std::vector<std::string>{"7", "9", "11"}));
  EXPECT_EQ(units->of_row, (std::vector<std::uint32_t>{0, 1, 0, 2, 1}));
}

TEST(Assignment, ARowWithoutAUnitIsRefused) {
  table::ColumnBuilder ids(table::Type::integer);
  ids.append(1);
  ids.append_null();
  EXPECT_EQ(units_of(ids.view(), "user").error().message, "row 1 has no 'user', so it belongs to no unit");
}

TEST(SampleRatio, AnArmOfNoWeightDoesNotCount) {
  // GrowthBook's TypeScript value; its Python counts the third arm and gets 2.9e-60.
  const std::vector<Arm> arms{{"a", 0.5}, {"b", 0.5}, {"off", 0}};
  const suite::Outcome outcome = sample_ratio_outcome(arms, std::vector<std::int64_t>{1000, 1200, 900}, "user", 0.001, 1);
  EXPECT_NEAR(*outcome.p_value, 0.000020079, 5e-10);
  EXPECT_EQ(outcome.verdict, suite::Verdict::fail);
  EXPECT_EQ(outcome.rows_tested, 2200);
}

TEST(SampleRatio, NoUnitsAreAnErrorAndAFairSplitPasses) {
  const std::vector<Arm> arms{{"a", 0.5}, {"b", 0.5}};
  EXPECT_EQ(sample_ratio_outcome(arms, std::vector<std::int64_t>{0, 0}, "user", 0.001, 1).verdict, suite::Verdict::error);
  EXPECT_EQ(sample_ratio_outcome(arms, std::vector<std::int64_t>{135, 115}, "user", 0.001, 1).verdict, suite::Verdict::pass);
}

}  // namespace
}  // namespace cupel::ab
