#include "prove/write_back.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "expectations/data_check.h"

namespace cupel::prove {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view k_suite = R"(# Größen 'und' "Namen": a comment with {braces}
cupel: 1
suite: shop   # the name

expect:
  # first
  - nulls: Größe
    at_most: 5%
    because: >
      Folded text, which goes
      over two lines.

  # second, in braces
  - {nulls: "a } b", equals: 0, because: 'it''s needed'}   # behind
  - values: Age
    between: [18, 99]
    because: adults
    derived: {from: "the export, 2025", method: "limit of 2,000 rows", date: 2026-01-02}
  - values: Name
    match: '^[A-Z]'
    derived:
      from: judgement   # said so
      method: none
    because: names begin with a capital
  - lengths: Name
    at_most: 30
    derived: from the form
    because: the form takes no more
# the end
segments: {young: "Age < 30"}
)";

Proof proof_of(std::size_t expectations) {
  Proof proof;
  proof.batches = "400 batches of 500 rows, dealt at random from 9,000";
  proof.batch_rows = 500;
  proof.seed = 7;
  for (std::size_t i = 0; i < expectations; ++i) {
    ExpectationProof& each = proof.expectations.emplace_back();
    each.alarms = alarm_rate(static_cast<int>(i), 400);
    each.detectable = DetectableChange{fmt::format("a shift of +{}: \"large\"", i), "binomial", "shift"};
  }
  return proof;
}

std::string edited(std::string_view text, std::string_view date = "2026-11-24") {
  const auto result = with_proof(text, "shop.yaml", proof_of(5), date);
  EXPECT_TRUE(result) << result.error().text();
  return result.value_or("");
}

/// The lines of `after` that are not in `before`, and the other way round.
std::vector<std::string> lines_only_in(std::string_view a, std::string_view b) {
  std::vector<std::string> only;
  const auto others = split(b, '\n');
  for (const std::string_view line : split(a, '\n')) {
    if (std::ranges::find(others, line) == others.end()) only.emplace_back(line);
  }
  return only;
}

TEST(WriteBack, ChangesOnlyDerivedAndKeepsEveryOtherByte) {
  const std::string after = edited(k_suite);
  const auto gone = lines_only_in(k_suite, after);
  ASSERT_EQ(gone.size(), 3u) << "the entry in braces, the derived in braces, the derived text";
  EXPECT_THAT(gone[0], HasSubstr("a } b"));
  EXPECT_THAT(gone[1], HasSubstr("the export, 2025"));
  EXPECT_THAT(gone[2], HasSubstr("from the form"));
  // Taking out what was put in gives the old bytes back, but for those three lines.
  EXPECT_THAT(after, HasSubstr("      over two lines.\n    derived: {false_alarm_rate: 0, false_alarms: "));
  EXPECT_THAT(after, HasSubstr("}\n\n  # second, in braces\n"));
  EXPECT_THAT(after, HasSubstr("because: 'it''s needed', derived: {false_alarm_rate: 0.0025, "));
  EXPECT_THAT(after, HasSubstr("}}   # behind\n"));
  EXPECT_THAT(after, HasSubstr("derived: {from: \"the export, 2025\", method: \"limit of 2,000 rows\", date: 2026-01-02, false_alarm_rate: 0.005, "));
  EXPECT_THAT(after, HasSubstr("    derived:\n      false_alarm_rate: 0.0075\n"));
  EXPECT_THAT(after, HasSubstr("      from: judgement   # said so\n      method: none\n    because: names begin"));
  EXPECT_THAT(after, HasSubstr("derived: {from: from the form, false_alarm_rate: 0.01, "));
  EXPECT_THAT(after, HasSubstr("# the end\nsegments: {young: \"Age < 30\"}\n"));
}

TEST(WriteBack, TwiceGivesTheSameBytesAndAnotherDateReplacesTheOld) {
  const std::string once = edited(k_suite);
  EXPECT_EQ(edited(once), once);
  const std::string later = edited(once, "2027-01-01");
  EXPECT_EQ(replace_all(later, "2027-01-01", "2026-11-24"), once);
}

TEST(WriteBack, IsReadByCheck) {
  const auto suite = suite::parse_suite(edited(k_suite), "shop.yaml", expectations::data_subjects());
  ASSERT_TRUE(suite) << suite.error().text();
  const suite::Outcome outcome = suite->expectations[2].outcome();
  EXPECT_EQ(outcome.false_alarm_rate, 0.005);
  EXPECT_EQ(outcome.detectable, "a shift of +2: \"large\"");
  EXPECT_EQ(outcome.derived.at("method"), "limit of 2,000 rows");
  EXPECT_EQ(outcome.derived.at("proved"), "2026-11-24");
}

TEST(WriteBack, WorksWithWindowsLineEndsAndWithoutALastOne) {
  const std::string text = "cupel: 1\r\nexpect:\r\n  - nulls: A\r\n    equals: 0\r\n    because: a\r\n  - nulls: B\r\n    equals: 0\r\n    because: b";
  const auto result = with_proof(text, "s", proof_of(2), "2026-11-24");
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_THAT(*result, HasSubstr("because: a\r\n    derived: {"));
  EXPECT_THAT(*result, HasSubstr("}\r\n  - nulls: B"));
  EXPECT_THAT(*result, HasSubstr("because: b\n    derived: {"));
}

TEST(WriteBack, RefusesWhatItCannotEdit) {
  EXPECT_THAT(with_proof(k_suite, "shop.yaml", proof_of(5), "24.11.2026").error().message, HasSubstr("expected YYYY-MM-DD"));
  EXPECT_THAT(with_proof(k_suite, "shop.yaml", proof_of(4), "2026-11-24").error().message, HasSubstr("changed while it was proved"));
  const std::string folded = "expect:\n  - nulls: A\n    equals: 0\n    derived:\n      detectable: >\n        several\n        lines\n    because: b\n";
  EXPECT_THAT(with_proof(folded, "s", proof_of(1), "2026-11-24").error().message, HasSubstr("cannot be edited in place"));
}

}  // namespace
}  // namespace cupel::prove
