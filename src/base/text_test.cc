#include "base/text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cupel {
namespace {

TEST(Nearest, FindsMisspellingsAndRefusesStrangers) {
  const std::vector<std::string> known = {"at_least", "at_most", "between", "mean"};
  EXPECT_EQ(nearest("at_mots", known), "at_most");
  EXPECT_EQ(nearest("Mean", known), "mean");
  EXPECT_EQ(nearest("zebra", known), std::nullopt);
  EXPECT_EQ(nearest_note("zebra", known), " (known: at_least, at_most, between, mean)");
}

TEST(NumberText, IsForPeople) {
  EXPECT_EQ(number_text(23486), "23,486");
  EXPECT_EQ(number_text(-1234567.891), "-1,234,568");
  EXPECT_EQ(number_text(43.198544), "43.1985");
  EXPECT_EQ(number_text(0.05), "0.05");
  EXPECT_EQ(number_text(1234.5), "1,234.5");
  EXPECT_EQ(number_text(1e-7), "1e-07");
  EXPECT_EQ(number_text(std::nan("")), "NaN");
}

TEST(PercentText, NeverRoundsSomethingToNothingOrToAll) {
  EXPECT_EQ(percent_text(0.0360), "3.60 %");
  EXPECT_EQ(percent_text(0.000001), "0.0001 %");
  EXPECT_EQ(percent_text(0.999999), "99.9999 %");
  EXPECT_EQ(percent_text(0), "0.00 %");
  EXPECT_EQ(percent_text(1), "100.00 %");
}

TEST(ParseNumber, TakesWholeTextsOnly) {
  EXPECT_EQ(parse_number("1e3"), 1000);
  EXPECT_EQ(parse_number("-.5"), -0.5);
  EXPECT_EQ(parse_number("+7"), 7);
  for (const char* text : {"", "1x", " 1", "inf", "nan", "0x10", "-", "1e999"}) EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

TEST(ParseInteger, RefusesFractionsAndOverflow) {
  EXPECT_EQ(parse_integer("-42"), -42);
  for (const char* text : {"", "1.0", "9223372036854775808", "1 ", "+-1"}) EXPECT_EQ(parse_integer(text), std::nullopt) << text;
}

TEST(FirstInvalidUtf8, NamesTheFirstBadByte) {
  EXPECT_EQ(first_invalid_utf8("plain and naïve 日本 😀"), std::nullopt);
  EXPECT_EQ(first_invalid_utf8("ab\xff"), 2U);
  EXPECT_EQ(first_invalid_utf8("a\xC0\xAF"), 1U) << "overlong";
  EXPECT_EQ(first_invalid_utf8("\xED\xA0\x80"), 0U) << "surrogate";
  EXPECT_EQ(first_invalid_utf8("\xF4\x90\x80\x80"), 0U) << "beyond U+10FFFF";
  EXPECT_EQ(first_invalid_utf8("12345678\xE2\x82"), 8U) << "cut off";
}

TEST(CountCodePoints, CountsCharactersOfAnyLengthAnywhere) {
  const std::string characters[] = {"a", "\xC3\xA9", "\xE6\x97\xA5", "\xF0\x9F\x98\x80"};
  for (std::size_t shift = 0; shift < 9; ++shift) {
    std::string text;
    for (std::size_t count = 0; count < 40; ++count) {
      EXPECT_EQ(count_code_points(text), static_cast<std::int64_t>(count));
      text += characters[(count * 7 + shift) % 4];
    }
  }
  EXPECT_EQ(count_code_points(""), 0);
}

TEST(Shorten, CutsAtCharactersAndShowsControls) {
  EXPECT_EQ(shorten("naïve", 3), "naï…");
  EXPECT_EQ(shorten("a\nb\x01", 9), "a\\nb\\x01");
  EXPECT_EQ(shorten("a\xC2\x9B""31m", 9), "a\\x9b31m") << "U+009B begins a command, as ESC [ does";
  EXPECT_EQ(shorten("\xFF" "é" "\xC3", 9), "\\xffé\\xc3");
  EXPECT_EQ(shorten("\xFF\xFF\xFF", 2), "\\xff\\xff…");
}

}  // namespace
}  // namespace cupel
