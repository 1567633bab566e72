// Numbers that end in check digits.

#include <array>

#include "expectations/ascii_internal.h"
#include "expectations/formats_internal.h"

namespace cupel::expectations {
namespace {

using namespace ascii;

/// ISO/IEC 7812-1 annex B: every second digit from the right doubled, sum of the digits divisible by ten.
bool passes_luhn(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int value = digit(digits[digits.size() - 1 - i]);
    if (i % 2 == 1) value = value > 4 ? 2 * value - 9 : 2 * value;
    sum += value;
  }
  return sum % 10 == 0;
}

/// GS1: weights 3 and 1 from the right, the check digit's being 1.
bool passes_gs1(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) sum += digit(digits[digits.size() - 1 - i]) * (i % 2 == 1 ? 3 : 1);
  return sum % 10 == 0;
}

/// ISBN-10 and ISSN: weights 1, 2, 3 … from the right, X is ten and may only be the last.
bool passes_mod_11(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const char c = digits[digits.size() - 1 - i];
    if (!is_digit(c) && !(i == 0 && (c == 'X' || c == 'x'))) return false;
    sum += static_cast<int>(i + 1) * (is_digit(c) ? digit(c) : 10);
  }
  return sum % 11 == 0;
}

bool is_gs1_of(std::string_view text, std::size_t size) { return text.size() == size && all_digits(text) && passes_gs1(text); }

struct CardRange {
  int low;   ///< first six digits
  int high;
  std::size_t shortest;
  std::size_t longest;
};
// Issuer identification numbers of the networks; the list that the page shows.
constexpr CardRange k_cards[] = {
    {220000, 220499, 16, 19}, {222100, 272099, 16, 16}, {300000, 305999, 14, 19}, {309500, 309599, 14, 19}, {340000, 349999, 15, 15},
    {352800, 358999, 16, 19}, {360000, 369999, 14, 19}, {370000, 379999, 15, 15}, {380000, 399999, 14, 19}, {400000, 499999, 13, 19},
    {501800, 501899, 12, 19}, {502000, 502099, 12, 19}, {503800, 503899, 12, 19}, {508000, 508999, 16, 16}, {510000, 559999, 16, 16},
    {589300, 589399, 12, 19}, {601100, 601199, 16, 19}, {620000, 629999, 16, 19}, {630400, 630499, 12, 19}, {644000, 659999, 16, 19},
    {675900, 675999, 12, 19}, {676100, 676399, 12, 19}, {810000, 829999, 16, 19},
};

/// 0 … 35 by digit or capital; -1 otherwise.
constexpr int base_36(char c) { return is_digit(c) ? digit(c) : is_upper(c) ? c - 'A' + 10 : -1; }

bool is_vin_text(std::string_view text) {
  return text.size() == 17 && all(text, [](char c) { return (is_digit(c) || is_upper(c)) && c != 'I' && c != 'O' && c != 'Q'; });
}

}  // namespace

bool is_credit_card(std::string_view text) {
  Compact<19> digits;
  if (!digits.read(text, " -") || digits.view().size() < 12 || !all_digits(digits.view())) return false;
  std::string_view front = digits.view().substr(0, 6);
  int issuer = 0;
  take_digits(front, 6, issuer);
  const std::size_t size = digits.view().size();
  const bool known = std::any_of(std::begin(k_cards), std::end(k_cards), [&](const CardRange& card) {
    return issuer >= card.low && issuer <= card.high && size >= card.shortest && size <= card.longest;
  });
  return known && !(issuer / 100000 == 4 && size != 13 && size != 16 && size != 19) && passes_luhn(digits.view());
}

bool is_ean8(std::string_view text) { return is_gs1_of(text, 8); }
bool is_ean13(std::string_view text) { return is_gs1_of(text, 13); }
bool is_ean(std::string_view text) { return is_ean8(text) || is_ean13(text); }
bool is_upc(std::string_view text) { return is_gs1_of(text, 12); }
bool is_gtin(std::string_view text) { return is_ean(text) || is_upc(text) || is_gs1_of(text, 14); }

bool is_imei(std::string_view text) {
  Compact<15> digits;
  return digits.read(text, "- ") && digits.view().size() == 15 && all_digits(digits.view()) && passes_luhn(digits.view());
}

bool is_isbn10(std::string_view text) {
  Compact<10> digits;
  return digits.read(text, "- ") && digits.view().size() == 10 && passes_mod_11(digits.view());
}

bool is_isbn13(std::string_view text) {
  Compact<13> digits;
  return digits.read(text, "- ") && is_ean13(digits.view()) && (digits.view().starts_with("978") || digits.view().starts_with("979"));
}

bool is_isbn(std::string_view text) { return is_isbn10(text) || is_isbn13(text); }

bool is_issn(std::string_view text) {
  Compact<8> digits;
  return text.size() == 9 && text[4] == '-' && digits.read(text, "-") && digits.view().size() == 8 && passes_mod_11(digits.view());
}

// ISO 6166: letters are two digits each (A = 10), then Luhn.
bool is_isin(std::string_view text) {
  if (text.size() != 12 || !is_digit(text.back()) || !all(text, [](char c) { return base_36(c) >= 0; })) return false;
  if (!is_country_alpha2(text.substr(0, 2)) && !text.starts_with("XS") && !text.starts_with("EU")) return false;
  char digits[24];
  std::size_t size = 0;
  for (const char c : text) {
    if (is_upper(c)) digits[size++] = static_cast<char>('0' + base_36(c) / 10);
    digits[size++] = static_cast<char>('0' + base_36(c) % 10);
  }
  return passes_luhn({digits, size});
}

// ISO 17442: 18 characters and two check digits of ISO 7064 MOD 97-10.
bool is_lei(std::string_view text) {
  if (text.size() != 20 || !is_digit(text[18]) || !is_digit(text[19])) return false;
  int remainder = 0;
  for (const char c : text) {
    const int value = base_36(c);
    if (value < 0) return false;
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder == 1;
}

// 756.1234.5678.97: an EAN-13 with Switzerland's prefix.
bool is_ahv(std::string_view text) {
  if (text.size() == 16) {
    if (text[3] != '.' || text[8] != '.' || text[13] != '.') return false;
  } else if (text.size() != 13) {
    return false;
  }
  Compact<13> digits;
  return digits.read(text, ".") && is_ean13(digits.view()) && digits.view().starts_with("756");
}

bool is_vin(std::string_view text) { return is_vin_text(text); }

// 49 CFR 565.15: weights by place, letters by value, the ninth place is the remainder by eleven.
bool is_vin_us(std::string_view text) {
  if (!is_vin_text(text)) return false;
  constexpr std::string_view k_values = "12345678.12345.7.923456789";  // A … Z
  constexpr std::array k_weights = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  int sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int value = is_digit(text[i]) ? digit(text[i]) : digit(k_values[static_cast<std::size_t>(text[i] - 'A')]);
    sum += value * k_weights[i];
  }
  const int check = sum % 11;
  return text[8] == (check == 10 ? 'X' : static_cast<char>('0' + check));
}

}  // namespace cupel::expectations
