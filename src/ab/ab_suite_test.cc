#include "ab/ab_suite.h"

#include <gtest/gtest.h>

namespace cupel::ab {
namespace {

const char* const k_suite = R"(
cupel: 1
suite: new model
experiment: {label: liked}
expect:
  - paired_difference: accuracy
    claim: better
    margin: 0.5%
    because: Half a point pays for the move.
  - sample_ratio: product
    severity: warn
    because: Arms must be comparable.
)";

Result<suite::Suite> parsed(std::string text) { return suite::parse_suite(text, "ab.yaml", load_options()); }

/// One outcome of each subject, with the question that was asked.
Result<Analysis> told(const std::string& argument, const Question& question) {
  Analysis analysis;
  for (const char* subject : {"sample_ratio", "paired_difference"}) {
    suite::Outcome outcome;
    outcome.id = outcome.subject = subject;
    outcome.limit = question.margin;
    outcome.message = argument;
    outcome.predicate = claim_name(question.claim);
    outcome.verdict = suite::Verdict::pass;
    analysis.outcomes.push_back(outcome);
  }
  return analysis;
}

TEST(AbSuite, EachEntryAsksItsOwnQuestionAndKeepsItsReason) {
  const auto suite = parsed(k_suite);
  ASSERT_TRUE(suite) << suite.error().message;
  const auto analysis = analyze_suite(*suite, {}, told);
  ASSERT_TRUE(analysis) << analysis.error().message;
  ASSERT_EQ(analysis->outcomes.size(), 2U);
  EXPECT_EQ(analysis->outcomes[0].id, "paired_difference(accuracy)");
  EXPECT_EQ(analysis->outcomes[0].predicate, "better");
  EXPECT_EQ(analysis->outcomes[0].limit.get<double>(), 0.005);
  EXPECT_EQ(analysis->outcomes[0].because, "Half a point pays for the move.");
  EXPECT_EQ(analysis->outcomes[1].message, "product");
  EXPECT_EQ(analysis->outcomes[1].severity, suite::Severity::warn);
}

TEST(AbSuite, MistakesNameTheirPlace) {
  const auto message = [](const std::string& entry) {
    const auto suite = parsed("cupel: 1\nsuite: s\nexpect:\n  - " + entry + "\n    because: x\n");
    if (!suite) return suite.error().message;
    const auto analysis = analyze_suite(*suite, {}, told);
    return analysis ? std::string() : analysis.error().message;
  };
  EXPECT_EQ(message("paired_difference: accuracy\n    claim: beter"), "ab.yaml:5:12: unknown claim 'beter' (nearest: 'better')");
  EXPECT_EQ(message("paired_difference: accuracy\n    margin: -1%"),
            "ab.yaml:5:13: 'margin' is '-1%', expected a number or a share such as 5%");
  EXPECT_EQ(message("paired_difference: accuracy\n    claim: same"), "ab.yaml:4:5: claim 'same' without a margin");
  EXPECT_EQ(message("difference: accuracy"), "ab.yaml:4:17: 'difference' has no meaning for these data");
  EXPECT_NE(message("pared_difference: accuracy").find("paired_difference"), std::string::npos);
}

TEST(AbSuite, SubjectsAreTheMeasures) {
  ASSERT_EQ(subject_table().size(), measures().size());
  for (std::size_t i = 0; i < measures().size(); ++i) EXPECT_EQ(subject_table()[i].name, measures()[i].name);
}

}  // namespace
}  // namespace cupel::ab
