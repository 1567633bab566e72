#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "suite/suite.h"

namespace cupel::suite {
namespace {

const SubjectInfo k_nulls{"nulls", "missing values", Argument::column, {"at_most", "equals", "between"}};
const SubjectInfo k_values{"values", "every value", Argument::column, {"between", "in", "match", "order"}, {}, false, true};
const SubjectInfo k_columns{"columns", "the columns", Argument::table, {"equals", "include"}, {"order"}};
const SubjectInfo k_share{"share", "share of a value", Argument::column, {"at_most"}, {"of"}};

Result<Suite> parse(std::string_view text, bool reasons = false) {
  return parse_suite(text, "s.yaml", LoadOptions{{&k_nulls, &k_values, &k_columns, &k_share}, reasons, {}});
}
Result<Suite> parse_entry(const std::string& entry, bool reasons = false) { return parse("cupel: 1\nexpect:\n  - " + entry + "\n", reasons); }

void expect_message(const Result<Suite>& suite, std::string_view message) {
  ASSERT_FALSE(suite);
  EXPECT_EQ(suite.error().message, message);
  EXPECT_EQ(exit_status(suite.error().kind), 2);
}

TEST(SuiteFile, ReadsEveryPartOfAnExpectation) {
  const auto suite = parse(R"(
cupel: 1
suite: reviews
about: two
  lines
expect:
  - nulls: Review Text
    at_most: 5%
    severity: warn
    because: >
      The model
      reads the text.
    derived: {from: export, method: looked}
    id: text
  - {values: Age, between: [18, 110], mostly: 99.9%}
  - {values: Age, in: [1, 2]}
)");
  ASSERT_TRUE(suite) << suite.error().message;
  EXPECT_EQ(suite->name, "reviews");
  EXPECT_EQ(suite->about, "two lines");
  ASSERT_EQ(suite->expectations.size(), 3U);
  const Expectation& nulls = suite->expectations[0];
  EXPECT_EQ(nulls.id, "text");
  EXPECT_EQ(nulls.arguments, std::vector<std::string>{"Review Text"});
  EXPECT_EQ(nulls.predicate->limits[0].kind, Limit::Kind::share);
  EXPECT_DOUBLE_EQ(nulls.predicate->limits[0].number, 0.05);
  EXPECT_EQ(nulls.severity, Severity::warn);
  EXPECT_EQ(nulls.because, "The model reads the text.");
  EXPECT_EQ(nulls.derived.dump(), R"({"from":"export","method":"looked"})");
  EXPECT_EQ(nulls.words(), "nulls of 'Review Text' at most 5 %");
  EXPECT_DOUBLE_EQ(*suite->expectations[1].mostly, 0.999);
  EXPECT_EQ(suite->expectations[1].id, "values(Age)");
  EXPECT_EQ(suite->expectations[2].id, "values(Age) #2");
}

TEST(SuiteFile, RefusesAMisspeltKeyWithTheNearest) {
  expect_message(parse_entry("{nulls: A, at_mots: 5%}"), "s.yaml:3:16: unknown predicate or parameter 'at_mots' of 'nulls' (nearest: 'at_most')");
  expect_message(parse_entry("{nuls: A, at_most: 5%}"), "s.yaml:3:6: unknown subject 'nuls' (nearest: 'nulls')");
  expect_message(parse("cupel: 1\nexpects:\n  - {nulls: A, at_most: 1}\n"), "s.yaml:2:1: unknown key 'expects' of a suite (nearest: 'expect')");
  expect_message(parse_entry("{nulls: A, at_most: 5%, becuase: x}"), "s.yaml:3:29: unknown predicate or parameter 'becuase' of 'nulls' (nearest: 'because')");
}

TEST(SuiteFile, RefusesAPredicateThatTheSubjectDoesNotHave) {
  expect_message(parse_entry("{nulls: A, match: x}"), "s.yaml:3:16: 'match' does not go with 'nulls', expected one of: at_most, equals, between");
  expect_message(parse_entry("{nulls: A}"), "s.yaml:3:5: 'nulls' has no predicate, expected one of: at_most, equals, between");
  expect_message(parse_entry("{nulls: A, at_most: 1, equals: 1}"), "s.yaml:3:28: a second predicate 'equals' beside 'at_most', expected one for each expectation");
  expect_message(parse_entry("{nulls: A, values: A, at_most: 1}"), "s.yaml:3:16: a second subject 'values' beside 'nulls', expected one subject for each expectation");
  expect_message(parse_entry("{nulls: A, at_most: 1, mostly: 90%}"), "s.yaml:3:36: 'mostly' does not go with 'nulls', only with subjects that ask every row");
}

TEST(SuiteFile, WantsAReasonUnlessToldOtherwise) {
  expect_message(parse_entry("{nulls: A, at_most: 1}", true), "s.yaml:3:5: 'nulls' has no reason");
  EXPECT_TRUE(parse_entry("{nulls: A, at_most: 1, because: x}", true));
}

TEST(SuiteFile, RefusesWhatIsNotASuite) {
  expect_message(parse("- a\n- b\n"), "s.yaml:1:1: a suite is a list, expected a mapping");
  expect_message(parse(""), "s.yaml:1:1: a suite is nothing, expected a mapping");
  expect_message(parse("suite: x\nexpect: [{nulls: A, at_most: 1}]\n"), "s.yaml:1:1: a suite without 'cupel: 1', the version of the language");
  expect_message(parse("cupel: 2\nexpect: [{nulls: A, at_most: 1}]\n"), "s.yaml:1:8: 'cupel' is 2, expected 1, the only version that this program reads");
  expect_message(parse("cupel: 1\nexpect: []\n"), "s.yaml:2:9: 'expect' is an empty list, expected a list of expectations");
  expect_message(parse("cupel: 1\ncupel: 1\nexpect: []\n"), "s.yaml:2:1: key 'cupel' stands here a second time (first in line 1)");
}

TEST(SuiteFile, RefusesHostileDocuments) {
  const auto deep = parse("cupel: 1\nexpect: " + std::string(5000, '[') + std::string(5000, ']'));
  ASSERT_FALSE(deep);
  EXPECT_THAT(deep.error().message, ::testing::HasSubstr("nested deeper"));
  const auto large = parse(std::string(10'000'000, ' '));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().message, "s.yaml: 10000000 bytes, more than the 4194304 that a document may have");
  const auto alias = parse("a: &x [1]\nb: *x\n");
  ASSERT_FALSE(alias);
  EXPECT_EQ(alias.error().message, "s.yaml:1:4: anchors are not supported, write the value out");
  const auto bytes = parse("cupel: 1\nabout: \xff\n");
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().message, "s.yaml: byte 17 is not UTF-8");
}

TEST(SuiteFile, ChecksLimits) {
  expect_message(parse_entry("{values: A, between: [1, 2, 3]}"), "s.yaml:3:26: 'between' has 3 limits, expected two: [low, high]");
  expect_message(parse_entry("{values: A, between: [2, 1]}"), "s.yaml:3:26: 'between' has its low limit 2 above its high limit 1");
  expect_message(parse_entry("{values: A, in: []}"), "s.yaml:3:21: 'in' is an empty list, expected at least one value");
  expect_message(parse_entry("{nulls: A, at_most: {colum: B}}"), "s.yaml:3:26: unknown key 'colum' of the limit of 'at_most' (nearest: 'column')");
  expect_message(parse_entry("{values: A, between: [1, 2], mostly: 150%}"), "s.yaml:3:42: 'mostly' is '150%', expected a share from 0% to 100%");
}

TEST(SuiteFile, KnowsItsSegments) {
  const auto suite = parse("cupel: 1\nsegments: {low: \"Rating <= 2\"}\nexpect:\n  - {nulls: A, at_most: 1, where: low}\n");
  ASSERT_TRUE(suite) << suite.error().message;
  EXPECT_EQ(suite->expectations[0].where->text(), "Rating <= 2");
  EXPECT_EQ(suite->expectations[0].id, "nulls(A) where low");
  expect_message(parse("cupel: 1\nsegments: {unhappy: \"Rating <= 2\"}\nexpect:\n  - {nulls: A, at_most: 1, where: unhapy}\n"),
                 "s.yaml:4:35: unknown segment 'unhapy' (nearest: 'unhappy')");
}

TEST(SuiteFile, RefusesADerivationThatACommaCutsInTwo) {
  expect_message(parse_entry("{nulls: A, at_most: 1, derived: {method: 7 of 22,641 rows}}"), "s.yaml:3:54: '641 rows' in 'derived' has no value");
}

TEST(SuiteFile, RefusesAnIdThatIsTaken) {
  expect_message(parse("cupel: 1\nexpect:\n  - {id: x, nulls: A, at_most: 1}\n  - {id: x, nulls: B, at_most: 1}\n"), "s.yaml:4:10: id 'x' is taken by the expectation at s.yaml:3:5");
}

}  // namespace
}  // namespace cupel::suite
