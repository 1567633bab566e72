#include "expectations/text_flaws.h"

#include <gtest/gtest.h>

#include <string>

#include "expectations/characters.h"
#include "expectations/code_points_internal.h"
#include "expectations/pii.h"

namespace cupel::expectations {
namespace {

/// Text whose UTF-8 is read as latin-1 and written as UTF-8 again: the definition of mojibake.
std::string misread(std::string_view utf8) {
  std::string out;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return out;
}

constexpr const char* k_good_writing[] = {
    "Café au lait", "naïve façade", "Größe: groß”", "voilà\u00A0»", "été…”", "ESPAÑA “AÑO”", "SÃO PAULO", "irmã mais nova", "Привет, мир", "你好，世界", "こんにちは", "안녕하세요",
    "Łódź i Gdańsk", "Příliš žluťoučký kůň", "İstanbul’da çay", "Ελληνικά", "שלום", "مرحبا بالعالم", "हिन्दी", "ภาษาไทย", "Đà Nẵng", "ÅÄÖ – «Åse»", "50 €", "20 °C", "naïveté’s", "Ð og þ",
};

TEST(Mojibake, IsFoundInEveryMisreadTextAndInNoGoodOne) {
  for (const char* text : k_good_writing) {
    EXPECT_FALSE(has_mojibake(text)) << text;
    EXPECT_TRUE(has_mojibake(misread(text))) << text;
    EXPECT_TRUE(has_mojibake("Before " + misread(text) + " after")) << text;
  }
}

TEST(CodePoints, AreOneReplacementForEachByteThatIsNotWellFormed) {
  for (const std::string_view text : {"\x80", "\xC3", "\xE2\x82", "\xF0\x9F\x92", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE0\x80\xAF"}) {
    EXPECT_EQ(code_point_at(text, 0).value, 0xFFFDu);
    EXPECT_EQ(code_point_at(text, 0).bytes, 1u);
  }
  EXPECT_EQ(code_point_at("\U0001F600", 0).value, 0x1F600u);
}

TEST(TextFlaws, TakeAnyBytes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {'a', static_cast<char>(first), static_cast<char>(second)};
      for (const auto flaw : {has_control_characters, has_html, has_invisible_characters, has_mojibake, has_replacement_characters, is_unnormalized, has_unusual_spaces, is_untrimmed, has_urls,
                              is_special_only}) {
        flaw(text);
      }
    }
  }
}

struct PiiCase {
  const char* text;
  const char* kinds;
};
// Card numbers are the networks' published test numbers, the IBAN is the one of SWIFT's registry, 555-01xx is reserved for fiction.
constexpr PiiCase k_pii[] = {
    {"mail (ann@example.org) or call", "email"},
    {"ann@example", ""},
    {"@ann wrote 5@5", ""},
    {"4111111111111111", "credit_card"},
    {"x4111111111111111", ""},
    {"14111111111111111", ""},
    {"no. 5555-5555-5555-4444.", "credit_card"},
    {"GB82 WEST 1234 5698 7654 32 thanks", "iban"},
    {"GB82WEST12345698765432", "iban"},
    {"GB82WEST12345698765433", ""},
    {"AGB82WEST12345698765432", ""},
    {"(212) 555-0123", "phone"},
    {"1212-555-01234", ""},
    {"+41 44 668 18 00!", "phone"},
    {"in 2012-555-0123", ""},
    {"536-90-4399", "ssn"},
    {"666-90-4399", ""},
    {"1536-90-4399", ""},
    {"at 10.0.0.1:80", ""},
    {"at 10.0.0.1.", "ip"},
    {"v1.2.3.4.5", ""},
    {"2001:db8::1 up", "ip"},
    {"12:30:45", ""},
    {"size 32x34, 5'6\", 120 lbs, 34-26-36", ""},
};

TEST(Pii, IsFoundWhereItStandsAlone) {
  for (const PiiCase& test : k_pii) {
    EXPECT_EQ(pii_in(test.text, pii_kinds()), test.kinds) << test.text;
    EXPECT_EQ(has_pii(test.text, pii_kinds()), *test.kinds != '\0') << test.text;
  }
}

TEST(Characters, OfEveryClassAreToldApart) {
  const std::string text = "Aé1,+ \u0301Ж😀\t";
  const auto count = [&](const char* name) {
    const auto of = CharacterClass::make(name, yaml::Node());
    EXPECT_TRUE(of) << name;
    return count_characters(text, *of).found;
  };
  EXPECT_EQ(count("letters"), 4);  // with the combining accent
  EXPECT_EQ(count("upper_case"), 2);
  EXPECT_EQ(count("lower_case"), 1);
  EXPECT_EQ(count("digits"), 1);
  EXPECT_EQ(count("punctuation"), 1);
  EXPECT_EQ(count("symbols"), 2);
  EXPECT_EQ(count("special"), 3);
  EXPECT_EQ(count("white_space"), 2);
  EXPECT_EQ(count("non_letters"), 4);
  EXPECT_EQ(count("non_ascii"), 4);
  EXPECT_EQ(count("emoji"), 1);
  EXPECT_EQ(count("control"), 1);
  EXPECT_EQ(count("Cyrillic"), 1);
  EXPECT_GE(count("Latin"), 2);  // whether the combining accent is one of them differs between releases of Unicode
}

}  // namespace
}  // namespace cupel::expectations
