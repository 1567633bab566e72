#include "source/csv_values.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/random.h"
#include "base/text.h"

namespace cupel::source {
namespace {

void expect_as_strtod(const std::string& text) {
  double value = 0;
  ASSERT_TRUE(read_number(text, value)) << text;
  EXPECT_EQ(std::bit_cast<std::uint64_t>(value), std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr))) << text;
}

std::string random_digits(Random& random, std::size_t most) {
  std::string digits;
  for (std::size_t n = random.below(most + 1); n > 0; --n) digits += static_cast<char>('0' + random.below(10));
  return digits;
}

TEST(CsvValues, NumbersAreThoseOfStrtodToTheLastBit) {
  for (std::uint64_t round = 0; round < 200'000; ++round) {
    Random random(11, "numbers", round);
    std::string whole = random_digits(random, 22);
    if (whole.size() > 1) whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
    const std::string fraction = random_digits(random, 22);
    if (whole.empty() && fraction.empty()) continue;
    std::string text = random.below(2) == 1 ? "-" : "";
    text += whole;
    if (!fraction.empty() || random.below(4) == 0) text += "." + fraction;
    if (random.below(2) == 1) text += fmt::format("e{}", static_cast<int>(random.below(600)) - 320);
    if (std::abs(std::strtod(text.c_str(), nullptr)) > 1.7e308) continue;
    expect_as_strtod(text);
  }
}

TEST(CsvValues, EveryDoubleReadsBackFromItsShortestText) {
  for (std::uint64_t round = 0; round < 100'000; ++round) {
    Random random(12, "doubles", round);
    const auto value = std::bit_cast<double>(random.next());
    if (!(std::abs(value) <= 1.7976931348623157e308)) continue;
    double read = 0;
    ASSERT_TRUE(read_number(exact_text(value), read)) << exact_text(value);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(read), std::bit_cast<std::uint64_t>(value));
  }
}

TEST(CsvValues, HardNumbersAreRoundedRight) {
  for (const char* text : {"9007199254740993", "9007199254740992", "0.1", "1e22", "1e23", "8.533e+68", "4.9e-324", "2.4703282292062327e-324",
                           "2.2250738585072011e-308", "1e-400", "0.500000000000000166533453693773481063544750213623046875", "-0.0", "5.", ".5",
                           "123456789012345678901234567890", "1E5", "1.7976931348623157e308"}) {
    expect_as_strtod(text);
  }
}

TEST(CsvValues, WhatIsNoDecimalNumberIsRefused) {
  double value = 0;
  for (const char* text : {"", "-", ".", "-.", "e5", "1e", "1e+", "1.2.3", "1,5", " 1", "1 ", "+1", "inf", "nan", "NaN", "-inf", "0x1F", "007", "-00.5",
                           "1e400", "-1e400", "1_000", "12a", "--1", "1-"}) {
    EXPECT_FALSE(read_number(text, value)) << text;
  }
}

TEST(CsvValues, DigitsWhoseSumWrapsAroundTo0AreNot0) {
  double value = 0;
  ASSERT_TRUE(read_number("18446744073709551616", value));
  EXPECT_EQ(value, 18446744073709551616.0) << "2^64";
  ASSERT_TRUE(read_number("1844674407370955161.6", value));
  EXPECT_EQ(value, 1844674407370955161.6);
}

TEST(CsvValues, IntegersEndAtSixtyFourBits) {
  std::int64_t value = 0;
  EXPECT_TRUE(read_integer("9223372036854775807", value));
  EXPECT_EQ(value, INT64_MAX);
  EXPECT_TRUE(read_integer("-9223372036854775808", value));
  EXPECT_EQ(value, INT64_MIN);
  EXPECT_TRUE(read_integer("-0", value));
  EXPECT_EQ(value, 0);
  for (const char* text : {"9223372036854775808", "-9223372036854775809", "99999999999999999999", "", "-", "01", "-01", "+1", "1.0", " 1", "1a"}) {
    EXPECT_FALSE(read_integer(text, value)) << text;
  }
  EXPECT_TRUE(read_integer_loosely("+007", value));
  EXPECT_EQ(value, 7);
}

TEST(CsvValues, KindsAreTheNarrowest) {
  EXPECT_EQ(kind_of("12"), k_integer);
  EXPECT_EQ(kind_of("9223372036854775808"), k_number);
  EXPECT_EQ(kind_of("1.5"), k_number);
  EXPECT_EQ(kind_of("007"), k_other);
  EXPECT_EQ(kind_of("TRUE"), k_boolean);
  EXPECT_EQ(kind_of("tRUE"), k_other);
  EXPECT_EQ(kind_of("2015-07-01"), k_other);
  EXPECT_EQ(joined_type(k_integer | k_number), table::Type::number);
  EXPECT_EQ(joined_type(k_integer | k_boolean), table::Type::text);
  EXPECT_EQ(joined_type(k_no_kind), table::Type::text);
}

// Every short text of these characters, with rubbish behind it: what a word says is what the field says.
TEST(CsvValues, AWordSaysTheSameAsTheField) {
  constexpr std::string_view k_characters = "0189.-e/:";
  for (std::uint64_t round = 0; round < 400'000; ++round) {
    Random random(12, "words", round);
    std::string text;
    const std::size_t size = random.below(10);
    while (text.size() < size) text += random.below(3) == 0 ? k_characters[random.below(k_characters.size())] : static_cast<char>('0' + random.below(10));
    const std::string readable = text + "12.34567";
    std::uint64_t word = 0;
    std::memcpy(&word, readable.data(), 8);
    std::int64_t integer = -1;
    std::int64_t same_integer = -1;
    if (read_short_integer(word, text.size(), integer)) {
      ASSERT_TRUE(read_integer(text, same_integer)) << text;
      ASSERT_EQ(integer, same_integer) << text;
    } else if (text.size() <= 8) {
      ASSERT_FALSE(read_integer(text, same_integer)) << text;
    }
    double number = -1;
    double same_number = -1;
    if (read_short_number(word, text.size(), number)) {
      ASSERT_TRUE(read_number(text, same_number)) << text;
      ASSERT_EQ(std::bit_cast<std::uint64_t>(number), std::bit_cast<std::uint64_t>(same_number)) << text;
    } else if (text.size() <= 8 && text.find('e') == std::string::npos) {
      ASSERT_FALSE(read_number(text, same_number)) << text;
    }
  }
}

}  // namespace
}  // namespace cupel::source
