// The manual's pages of formats are their vectors: every line of a block "good NAME [country=CH,DE]" is accepted, every line of "bad NAME" is not.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/fenced_blocks.h"
#include "base/files.h"
#include "base/text.h"
#include "expectations/date_pattern.h"
#include "expectations/formats.h"

namespace cupel::expectations {
namespace {

struct Vectors {
  int good = 0;
  int bad = 0;
};

fs::path format_pages() { return fs::path(CUPEL_SOURCE_DIR) / "tests" / "formats"; }

void check_block(const FencedBlock& block, std::map<std::string, Vectors>& seen) {
  const auto words = split(block.language, ' ');
  ASSERT_TRUE(words.size() >= 2 && (words[0] == "good" || words[0] == "bad")) << block.language;
  yaml::Node node;
  std::optional<yaml::Node> country;
  if (words.size() == 3) {
    auto parsed = yaml::parse("[" + std::string(words[2].substr(std::string_view("country=").size())) + "]", "page");
    ASSERT_TRUE(parsed);
    country = *parsed;
  }
  const auto question = format_question(words[1], "format", node, country ? &*country : nullptr);
  ASSERT_TRUE(question) << question.error().text();
  const bool wanted = words[0] == "good";
  std::string_view text = block.text;
  text.remove_suffix(1);  // the last line's end
  for (const std::string_view line : split(text, '\n')) {
    EXPECT_EQ((*question)(line), wanted) << block.language << ": '" << line << "'";
    ++(wanted ? seen[std::string(words[1])].good : seen[std::string(words[1])].bad);
  }
}

TEST(FormatPages, HoldVectorsOfEveryFormat) {
  std::set<std::string> pages;
  for (const Format& format : format_table()) pages.emplace(format.page);
  std::set<std::string> there;
  for (const auto& entry : fs::directory_iterator(format_pages())) there.insert(entry.path().stem().string());
  EXPECT_EQ(there, pages);
  for (const std::string& name : pages) {
    EXPECT_NE(find_format(name), nullptr) << name << ": a page is called by one of its formats";
    const auto page = read_file(format_pages() / (name + ".md"));
    ASSERT_TRUE(page) << page.error().text();
    std::map<std::string, Vectors> seen;
    for (const FencedBlock& block : fenced_blocks(*page)) check_block(block, seen);
    for (const Format& format : format_table()) {
      if (format.page != name) continue;
      EXPECT_GE(seen[std::string(format.name)].good, 1) << format.name << " has nothing on its page that it accepts";
      EXPECT_GE(seen[std::string(format.name)].bad, 2) << format.name << " has little on its page that it refuses";
    }
  }
}

TEST(Formats, AreSortedByName) {
  EXPECT_TRUE(std::ranges::is_sorted(format_table(), {}, &Format::name));
}

TEST(Formats, RefuseWhatTheyCannotHoldWithoutReadingPastTheEnd) {
  const std::string long_text(100'000, '1');
  for (const Format& format : format_table()) {
    for (const std::string_view text : {std::string_view(), std::string_view("\0", 1), std::string_view("\xff\xfe"), std::string_view("-"), std::string_view("%"), std::string_view("\"")}) {
      if (format.holds != nullptr) {
        EXPECT_FALSE(format.holds(text)) << format.name;
      }
    }
    if (format.holds_in != nullptr) {
      EXPECT_FALSE(format.holds_in(long_text, format.countries.substr(0, 2))) << format.name;
    }
    if (format.holds != nullptr) format.holds(long_text);
  }
}

TEST(Formats, KnowEveryCountryThatTheirTableNames) {
  for (const Format& format : format_table()) {
    for (std::size_t at = 0; at < format.countries.size(); at += 2) {
      const std::string code(format.countries.substr(at, 2));
      if (at > 0) {
        EXPECT_LT(format.countries.substr(at - 2, 2), code) << format.name;
      }
      auto node = yaml::parse(code == "NO" ? "\"NO\"" : code, "test");
      ASSERT_TRUE(node);
      EXPECT_TRUE(format_question(format.name, "format", *node, &*node)) << format.name << " " << code;
    }
  }
}

TEST(Formats, AreFoundBySpacesAndHyphensToo) {
  ASSERT_NE(find_format("date us"), nullptr);
  EXPECT_EQ(find_format("date us")->name, "date_us");
  EXPECT_EQ(find_format("credit-card"), find_format("credit_card"));
  EXPECT_EQ(find_format("nonsense"), nullptr);
}

struct DateCase {
  const char* pattern;
  const char* text;
  bool holds;
};

// Days of the week and of the year from the calendar: 2024-02-29 was a Thursday and day 60.
constexpr DateCase k_dates[] = {
    {"%d.%m.%Y", "29.02.2024", true},
    {"%d.%m.%Y", "29.02.2023", false},
    {"%d.%m.%Y", "9.2.2024", false},
    {"%-d.%-m.%Y", "9.2.2024", true},
    {"%-d.%-m.%Y", "09.2.2024", false},
    {"%d.%m.%Y", "29.02.2024 ", false},
    {"%d.%m.%y", "29.02.00", true},
    {"%d.%m.%y", "29.02.70", false},
    {"%A, %B %-d, %Y", "Thursday, February 29, 2024", true},
    {"%A, %B %-d, %Y", "Friday, February 29, 2024", false},
    {"%a %d %b %Y", "thu 29 FEB 2024", true},
    {"%Y-%j", "2024-366", true},
    {"%Y-%j", "2023-366", false},
    {"%F day %j", "2024-02-29 day 060", true},
    {"%F day %j", "2024-02-29 day 061", false},
    {"%FT%T.%f%z", "2024-02-29T23:59:60.123+01:00", true},
    {"%F %H:%M", "2024-02-29 24:00", false},
    {"%I:%M %p", "12:30 pm", true},
    {"%I:%M %p", "13:30 pm", false},
    {"%d.%m.", "29.02.", true},
    {"%d.%m.", "30.02.", false},
    {"%d%%", "07%", true},
};

TEST(DatePatterns, AreStrict) {
  for (const DateCase& test : k_dates) {
    const auto pattern = DatePattern::make(test.pattern, yaml::Node());
    ASSERT_TRUE(pattern) << test.pattern;
    EXPECT_EQ(pattern->holds(test.text), test.holds) << test.pattern << " '" << test.text << "'";
  }
}

TEST(DatePatterns, RefuseWhatCannotBeMeant) {
  for (const char* pattern : {"%Q", "%d.%d.%Y", "dd.mm.yyyy", "%", "%-Y", ""}) EXPECT_FALSE(DatePattern::make(pattern, yaml::Node())) << pattern;
}

}  // namespace
}  // namespace cupel::expectations
