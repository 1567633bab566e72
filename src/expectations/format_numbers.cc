// Numbers as people write them: decimal point or comma, groups of thousands, percentages, money, degrees.

#include "base/text.h"
#include "expectations/ascii_internal.h"
#include "expectations/formats_internal.h"

namespace cupel::expectations {
namespace {

using namespace ascii;

bool has_nonzero_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= '1' && c <= '9'; });
}

/// Takes "-" or "+" and says whether it was "-".
bool take_minus(std::string_view& text) {
  if (take(text, '-')) return true;
  take(text, '+');
  return false;
}

bool sign_fits(Sign sign, bool minus, std::string_view digits) {
  if (sign == Sign::any) return true;
  return has_nonzero_digit(digits) && minus == (sign == Sign::negative);
}

/// Digits with at most one decimal mark, which digits follow: "12", "12.5", ".5"; not "12.".
bool is_unsigned_decimal(std::string_view text, Mark mark) {
  const std::size_t at = text.find_first_not_of("0123456789");
  if (at == std::string_view::npos) return !text.empty();
  const bool known = (text[at] == '.' && mark != Mark::comma) || (text[at] == ',' && mark != Mark::point);
  return known && all_digits(text.substr(at + 1));
}

/// The whole part in groups of three by one and the same separator, then perhaps the decimal mark and digits.
bool is_unsigned_grouped(std::string_view text, char decimal_mark) {
  const std::size_t mark = text.find(decimal_mark);
  if (mark != std::string_view::npos && !all_digits(text.substr(mark + 1))) return false;
  const std::string_view whole = text.substr(0, mark);
  const std::size_t first = whole.find_first_not_of("0123456789");
  if (first == std::string_view::npos || first == 0 || first > 3) return false;
  const char separator = whole[first];
  if (separator == decimal_mark || (separator != (decimal_mark == '.' ? ',' : '.') && separator != '\'' && separator != ' ')) return false;
  for (std::string_view rest = whole.substr(first); !rest.empty(); rest.remove_prefix(4)) {
    if (rest.size() < 4 || rest[0] != separator || !all_digits(rest.substr(1, 3))) return false;
  }
  return true;
}

bool is_amount(std::string_view text, Mark mark) {
  return is_unsigned_decimal(text, mark) || (mark != Mark::comma && is_unsigned_grouped(text, '.')) ||
         (mark != Mark::point && is_unsigned_grouped(text, ','));
}

/// Takes a currency's sign or ISO 4217 code from the front or the back, and the space beside it.
bool take_currency(std::string_view& text, bool front) {
  const auto cut = [&](std::size_t size) { front ? text.remove_prefix(size) : text.remove_suffix(size); };
  const auto take_space = [&] {
    if (!text.empty() && (front ? text.front() : text.back()) == ' ') cut(1);
  };
  static constexpr std::string_view k_signs[] = {"$", "€", "£", "¥", "₹", "₽", "₩", "₺", "₴", "₪", "฿", "Fr."};
  for (const std::string_view sign : k_signs) {
    if (!(front ? text.starts_with(sign) : text.ends_with(sign))) continue;
    cut(sign.size());
    take_space();
    return true;
  }
  if (text.size() < 3 || !is_currency_code(front ? text.substr(0, 3) : text.substr(text.size() - 3))) return false;
  cut(3);
  take_space();
  return true;
}

bool is_degrees(std::string_view text, double limit) {
  std::string_view digits = text;
  take_minus(digits);
  if (!is_unsigned_decimal(digits, Mark::point)) return false;
  const auto value = parse_number(digits);
  return value && *value <= limit;
}

}  // namespace

bool is_positive_integer(std::string_view text) {
  const bool minus = take_minus(text);
  return all_digits(text) && sign_fits(Sign::positive, minus, text);
}

bool is_negative_integer(std::string_view text) {
  const bool minus = take_minus(text);
  return all_digits(text) && sign_fits(Sign::negative, minus, text);
}

bool is_decimal(std::string_view text, Sign sign, Mark mark) {
  const bool minus = take_minus(text);
  return is_unsigned_decimal(text, mark) && sign_fits(sign, minus, text);
}

bool is_percentage(std::string_view text, Sign sign, Mark mark) {
  if (!text.ends_with('%')) return false;
  text.remove_suffix(1);
  if (text.ends_with(' ')) text.remove_suffix(1);
  return is_decimal(text, sign, mark);
}

bool is_grouped_decimal(std::string_view text, Mark mark) {
  take_minus(text);
  return is_amount(text, mark);
}

bool is_money(std::string_view text, Mark mark) {
  const std::size_t size = text.size();
  take_minus(text);
  const bool signed_before = text.size() < size;
  if (take_currency(text, true)) {
    if (!signed_before) take_minus(text);
  } else if (!take_currency(text, false)) {
    return false;
  }
  return is_amount(text, mark);
}

bool is_latitude(std::string_view text) { return is_degrees(text, 90); }
bool is_longitude(std::string_view text) { return is_degrees(text, 180); }

bool is_coordinates(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return false;
  std::string_view longitude = text.substr(comma + 1);
  take(longitude, ' ');
  return is_latitude(text.substr(0, comma)) && is_longitude(longitude);
}

}  // namespace cupel::expectations
