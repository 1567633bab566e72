#include "report/html_text.h"

#include <gtest/gtest.h>

namespace cupel::report {
namespace {

std::string html(std::string_view text) {
  Html out;
  out << text;
  return out.bytes();
}

TEST(HtmlText, MarkupCharactersOfDataBecomeEntities) {
  EXPECT_EQ(html("<script>alert('x')</script>"), "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
  EXPECT_EQ(html("\" onload=\"&amp;"), "&quot; onload=&quot;&amp;amp;");
  EXPECT_EQ(html("Größe, 尺寸, 👗"), "Größe, 尺寸, 👗");
}

TEST(HtmlText, ControlCharactersAndTurnedTextAreMadeVisible) {
  EXPECT_EQ(html(std::string_view("a\0b\x1b[31m\x7f", 9)), "a␣b␣[31m␣");
  EXPECT_EQ(html("a\nb"), "a↵b");
  EXPECT_EQ(html("user\xE2\x80\xAEtxt.exe\xE2\x81\xA6"), "user\xEF\xBF\xBDtxt.exe\xEF\xBF\xBD");
}

TEST(HtmlText, BytesThatAreNotUtf8AreReplaced) {
  EXPECT_EQ(html("a\xff<\xc3"), "a\xEF\xBF\xBD&lt;\xEF\xBF\xBD");
  EXPECT_EQ(html("\xed\xa0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(HtmlText, CoordinatesHaveAtMostTwoDecimals) {
  Html out;
  out << 1.0 << " "_html << 0.5 << " "_html << 12.345 << " "_html << -0.001 << " "_html << -2.05;
  EXPECT_EQ(out.bytes(), "1 0.5 12.35 0 -2.05");
}

TEST(HtmlText, LongTextIsCutAndFlows) {
  EXPECT_EQ(shortened("  a\nb<c  ", 10).bytes(), "a b&lt;c");
  EXPECT_EQ(shortened("äöüß", 2).bytes(), "äö…");
  EXPECT_LT(shortened(std::string(10'000'000, 'x'), 100).bytes().size(), 200u);
}

}  // namespace
}  // namespace cupel::report
