#include "report/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "report/junit.h"
#include "report/result_json.h"

namespace cupel::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

suite::Report sample() {
  suite::Report report;
  report.suite = "orders";
  report.data = {"orders.csv", 1234, 3, "ab", ""};
  report.seconds = 0.0421;
  suite::Outcome passed;
  passed.id = "rows";
  passed.verdict = suite::Verdict::pass;
  passed.message = "1,234 rows, expected at least 1,000";
  passed.because = "enough to see something";
  suite::Outcome failed;
  failed.id = "values(price)";
  failed.verdict = suite::Verdict::fail;
  failed.message = "2 of 1,234 tested rows unexpected (0.16 %), first in row 7: '-1'; expected at least 0";
  failed.because = "nobody is paid for taking <goods>";
  failed.derived = "the price list";
  failed.unexpected = suite::Unexpected{2, 2 / 1234.0, {{7, "-1"}, {9, "a\nb"}}};
  failed.interval = suite::Interval{0.1, std::numeric_limits<double>::infinity(), 0.95};
  report.results = {passed, failed};
  return report;
}

TEST(TerminalText, SaysReasonsForWhatFailedOnly) {
  const std::string text = terminal_text(sample(), TerminalOptions{});
  EXPECT_THAT(text, HasSubstr("✓ pass  rows  1,234 rows, expected at least 1,000\n"));
  EXPECT_THAT(text, HasSubstr("because  nobody is paid for taking <goods>"));
  EXPECT_THAT(text, HasSubstr("derived  the price list"));
  EXPECT_THAT(text, HasSubstr("rows     7 '-1', 9 'a\\nb'"));
  EXPECT_THAT(text, Not(HasSubstr("enough to see something")));
  EXPECT_THAT(text, HasSubstr("1 passed, 1 failed in 42 ms"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b[")));
}

TEST(TerminalText, KeepsToTheWidth) {
  for (const int width : {40, 60, 100}) {
    const std::string text = terminal_text(sample(), TerminalOptions{false, width, true});
    for (const std::string_view line : split(text, '\n')) EXPECT_LE(count_code_points(line), width) << line;
  }
}

TEST(TerminalText, ShowsTheFailingGroupsFirstAndSumsUpTheOthers) {
  suite::Report report = sample();
  report.results.clear();
  for (int i = 0; i < 50; ++i) {
    suite::Outcome outcome = sample().results[i % 25 == 24 ? 1 : 0];
    outcome.group_of = "values(price)";
    outcome.group_name = fmt::format("shop = {}", i);
    outcome.group = {{"shop", std::to_string(i)}};
    outcome.id = fmt::format("values(price) [shop = {}]", i);
    report.results.push_back(outcome);
  }
  const std::string text = terminal_text(report, TerminalOptions{});
  EXPECT_LT(text.find("[shop = 24]"), text.find("[shop = 49]"));
  EXPECT_LT(text.find("[shop = 49]"), text.find("✓ pass  values(price)  48 of 50 groups by shop\n"));
  EXPECT_THAT(text, Not(HasSubstr("[shop = 3]")));
  EXPECT_THAT(text, HasSubstr("48 passed, 2 failed"));
  EXPECT_THAT(terminal_text(report, TerminalOptions{false, 100, true}), HasSubstr("[shop = 3]"));
  for (suite::Outcome& outcome : report.results) outcome.verdict = suite::Verdict::fail;
  EXPECT_THAT(terminal_text(report, TerminalOptions{}), HasSubstr("… and 30 more groups that did not pass (--verbose lists them)"));
  const std::string narrow = terminal_text(report, TerminalOptions{false, 40});
  for (const std::string_view line : split(narrow, '\n')) EXPECT_LE(count_code_points(line), 40) << line;
}

TEST(TerminalText, OfAThousandExpectationsShowsThoseThatDidNotPass) {
  suite::Report report = sample();
  const suite::Outcome passed = report.results[0];
  for (int i = 0; i < 1000; ++i) report.results.push_back(passed);
  const std::string text = terminal_text(report, TerminalOptions{});
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 20);
  EXPECT_THAT(text, HasSubstr("✓ pass  1,001 expectations (--verbose lists them)\n"));
  EXPECT_THAT(text, HasSubstr("✗ FAIL  values(price)"));
  EXPECT_GT(terminal_text(report, TerminalOptions{false, 100, true}).size(), 20 * text.size());
}

TEST(TerminalText, TellsTheSampleAndTheKeysOfRows) {
  suite::Report report = sample();
  report.sample = suite::Report::Sample{100, 1234, 7};
  report.notes = {"one more thing"};
  report.results[1].unexpected->examples[0].key = {{"order", "A7"}};
  report.results[1].unexpected->examples[1].key = Json::object();
  const std::string text = terminal_text(report, TerminalOptions{});
  EXPECT_THAT(text, HasSubstr("sampled: 100 of 1,234 rows (seed 7); every verdict is about these rows alone\n"));
  EXPECT_THAT(text, HasSubstr("  one more thing\n"));
  EXPECT_THAT(text, HasSubstr("rows     7 (order A7) '-1', 9 (no key) 'a\\nb'"));
}

TEST(ReportJson, LeavesOutWhatIsAbsent) {
  const Json json = report_json(sample());
  EXPECT_EQ(json["verdict"], "fail");
  EXPECT_EQ(json["counts"]["fail"], 1);
  EXPECT_EQ(json["data"]["digest"], "sha256:ab");
  EXPECT_FALSE(json["data"].contains("note"));
  EXPECT_FALSE(json["results"][0].contains("unexpected"));
  EXPECT_FALSE(json["results"][0].contains("p_value"));
  EXPECT_EQ(json["results"][1]["unexpected"]["examples"][0]["row"], 7);
  EXPECT_FALSE(json["results"][1]["interval"].contains("high")) << "JSON has no infinity";
}

TEST(JunitXml, EscapesAndCounts) {
  const std::string xml = junit_xml(sample());
  EXPECT_THAT(xml, HasSubstr("tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\""));
  EXPECT_THAT(xml, HasSubstr("because nobody is paid for taking &lt;goods&gt;"));
}

}  // namespace
}  // namespace cupel::report
