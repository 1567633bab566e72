#include "suite/verdict.h"

#include <gtest/gtest.h>

namespace cupel::suite {
namespace {

Outcome outcome(Verdict verdict, Severity severity = Severity::error) {
  Outcome made;
  made.verdict = verdict;
  made.severity = severity;
  return made;
}

int status(std::vector<Outcome> results, Report::Strict strict = Report::Strict::no) {
  Report report;
  report.results = std::move(results);
  return report.exit_status(strict);
}

TEST(Report, PassesWhenAllPass) { EXPECT_EQ(status({outcome(Verdict::pass), outcome(Verdict::pass)}), 0); }

TEST(Report, FailsByWhatIsSevere) {
  EXPECT_EQ(status({outcome(Verdict::fail)}), 1);
  EXPECT_EQ(status({outcome(Verdict::fail, Severity::warn)}), 0);
  EXPECT_EQ(status({outcome(Verdict::fail, Severity::warn)}, Report::Strict::yes), 1);
}

TEST(Report, IsOpenOnlyUnderStrict) {
  EXPECT_EQ(status({outcome(Verdict::inconclusive)}), 0);
  EXPECT_EQ(status({outcome(Verdict::inconclusive)}, Report::Strict::yes), 1);
}

TEST(Report, CouldNotRunWhenAnExpectationIsAnError) { EXPECT_EQ(status({outcome(Verdict::error), outcome(Verdict::fail)}), 2); }

TEST(Report, SaysTheWorstThatCountsFirst) {
  Report report;
  report.results = {outcome(Verdict::fail, Severity::warn), outcome(Verdict::pass)};
  EXPECT_EQ(report.verdict(), Verdict::pass);
  report.results.push_back(outcome(Verdict::inconclusive));
  EXPECT_EQ(report.verdict(), Verdict::inconclusive);
  report.results.push_back(outcome(Verdict::error));
  EXPECT_EQ(report.verdict(), Verdict::error);
  report.results.push_back(outcome(Verdict::fail));
  EXPECT_EQ(report.verdict(), Verdict::fail);
}

}  // namespace
}  // namespace cupel::suite
