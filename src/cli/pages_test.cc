#include "cli/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/text.h"
#include "cli/commands.h"

namespace cupel::cli {
namespace {

struct Answer {
  Result<int> status;
  std::string out;
};

Answer run(Result<int> (*command)(std::span<const std::string>), const std::vector<std::string>& words) {
  testing::internal::CaptureStdout();
  Result<int> status = command(words);
  return {std::move(status), testing::internal::GetCapturedStdout()};
}

TEST(Pages, EveryFolderOfPagesIsATopic) {
  std::set<std::string_view> topics;
  for (const Topic& topic : all_topics()) topics.insert(topic.name);
  for (const Page& page : all_pages()) EXPECT_TRUE(topics.contains(page.folder)) << "tests/" << page.folder << "/" << page.name << ".md";
}

TEST(Pages, EveryPageBeginsWithItsNameAndASummary) {
  for (const Page& page : all_pages()) {
    EXPECT_TRUE(page.text.starts_with(fmt::format("# {}: ", page.name))) << page.folder << "/" << page.name;
    EXPECT_FALSE(page.summary.empty()) << page.folder << "/" << page.name;
    EXPECT_FALSE(page.summary.ends_with('.')) << page.folder << "/" << page.name << ": a summary is no sentence";
    EXPECT_LE(count_code_points(page.summary), 100) << page.folder << "/" << page.name;
  }
}

TEST(List, ShowsTheTopicsWithTheirNumberOfPages) {
  const Answer answer = run(list_command, {});
  ASSERT_TRUE(answer.status) << answer.status.error().text();
  EXPECT_THAT(answer.out, testing::HasSubstr(fmt::format("what cupel can do ({})", pages_of("commands").size())));
}

TEST(List, ShowsTheWordsOfATopic) {
  const Answer answer = run(list_command, {"commands"});
  ASSERT_TRUE(answer.status) << answer.status.error().text();
  EXPECT_THAT(answer.out, testing::ContainsRegex("  list +the words of the manual, by topic\n"));
}

TEST(List, SaysTheSameAsJson) {
  const Answer answer = run(list_command, {"commands", "--json"});
  ASSERT_TRUE(answer.status) << answer.status.error().text();
  EXPECT_THAT(answer.out, testing::StartsWith("{\n  \"format\": 1,\n  \"topic\": \"commands\",\n"));
  EXPECT_THAT(answer.out, testing::HasSubstr("\"name\": \"list\""));
}

TEST(List, RefusesAnUnknownTopicAndNamesTheNearest) {
  const Answer answer = run(list_command, {"comands"});
  ASSERT_FALSE(answer.status);
  EXPECT_EQ(answer.status.error().message, "unknown topic 'comands' (nearest: 'commands')");
}

TEST(Explain, PrintsThePageOfAWord) {
  const Answer answer = run(explain_command, {"List"});
  ASSERT_TRUE(answer.status) << answer.status.error().text();
  EXPECT_THAT(answer.out, testing::StartsWith("# list: the words of the manual, by topic\n"));
}

TEST(Explain, TakesATopicForAWordToo) {
  const Answer answer = run(explain_command, {"commands"});
  ASSERT_TRUE(answer.status) << answer.status.error().text();
  EXPECT_THAT(answer.out, testing::HasSubstr("- `explain`: the manual page of a word\n"));
}

TEST(Explain, RefusesAnUnknownWordAndNamesTheNearest) {
  const Answer answer = run(explain_command, {"explian"});
  ASSERT_FALSE(answer.status);
  EXPECT_EQ(answer.status.error().message, "unknown word 'explian' (nearest: 'explain')");
  EXPECT_EQ(exit_status(answer.status.error().kind), 2);
}

}  // namespace
}  // namespace cupel::cli
