#include "flow/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/process.h"

namespace cupel::flow {
namespace {

Result<std::string> expand(std::string_view text, const std::string& value, Template::Quoting quoting = Template::Quoting::none) {
  ASSIGN_OR_RETURN(const Template parsed, Template::parse(text));
  return parsed.expand([&](const std::string& name) -> Result<std::string> { return name == "v" ? Result<std::string>(value) : fail("unknown '{}'", name); }, quoting);
}

TEST(TemplateTest, names_are_replaced_and_doubled_dollars_are_literal) {
  EXPECT_EQ(*expand("a ${v} b${v}", "1"), "a 1 b1");
  EXPECT_EQ(*expand("$HOME $${v} ${v}", "1"), "$HOME ${v} 1");
  EXPECT_EQ(*expand("", "1"), "");
  EXPECT_EQ(expand("${w}", "1").error().message, "unknown 'w'");
  EXPECT_EQ(expand("x ${v", "1").error().message, "'${' is never closed in 'x ${v'");
  EXPECT_EQ(expand("x ${}", "1").error().message, "'${}' names nothing in 'x ${}'");
}

// The law: whatever the value holds and whatever quotes the template has, the shell sees the value, whole and once.
TEST(TemplateTest, a_value_is_one_shell_word_between_any_quotes) {
  for (const std::string value : {"plain", "with space", "it's", "say \"hi\"", "$HOME", "`id`", "a;b", "back\\slash", "", "*", "new\nline", "'", "\\'"}) {
    for (const std::string text : {"printf %s ${v}", "printf %s \"${v}\"", "printf %s '${v}'", "printf %s 'it'\\''s '\"${v}\"", "printf %s x\\\"${v}"}) {
      const auto command = expand(text, value, Template::Quoting::shell);
      ASSERT_TRUE(command);
      const auto run = run_captured({{"/bin/sh", "-c", *command}, current_environment(), "/", {}, {}}, 5);
      ASSERT_TRUE(run);
      std::string expected = value;
      if (text.find("it'") != std::string::npos) expected = "it's " + value;
      if (text.find("x\\\"") != std::string::npos) expected = "x\"" + value;
      EXPECT_EQ(run->output, expected) << text << " with " << value;
    }
  }
}

}  // namespace
}  // namespace cupel::flow
