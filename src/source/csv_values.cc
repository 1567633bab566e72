#include "source/csv_values.h"

#include <charconv>
#include <cstdlib>
#include <limits>
#include <string>

namespace cupel::source {
namespace {

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// Digits, point and exponent of a number as integers.
struct Decimal {
  std::uint64_t digits = 0;  // of at most 19 digits
  int exponent = 0;          // value = digits * 10^exponent
  bool exact = true;         // false: more digits, or an exponent beyond any double
};

// Reads the whole text after the sign; false: not a number.
bool read_decimal(const char* p, const char* end, Decimal& out) {
  const char* const first = p;
  std::uint64_t digits = 0;
  int num_digits = 0;
  for (; p != end && is_digit(*p); ++p) {
    digits = digits * 10 + static_cast<std::uint64_t>(*p - '0');
    num_digits += num_digits != 0 || *p != '0' ? 1 : 0;  // not by the sum, which may wrap around to 0
  }
  const auto whole = p - first;
  std::ptrdiff_t fraction = 0;
  if (p != end && *p == '.') {
    const char* const point = ++p;
    for (; p != end && is_digit(*p); ++p) {
      digits = digits * 10 + static_cast<std::uint64_t>(*p - '0');
      num_digits += num_digits != 0 || *p != '0' ? 1 : 0;
    }
    fraction = p - point;
  }
  if (whole + fraction == 0) return false;
  int exponent = 0;
  if (p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    const bool negative = p != end && *p == '-';
    if (p != end && (*p == '-' || *p == '+')) ++p;
    if (p == end) return false;
    for (; p != end && is_digit(*p); ++p) {
      if (exponent < 100000) exponent = exponent * 10 + (*p - '0');
    }
    if (negative) exponent = -exponent;
  }
  if (p != end) return false;
  out.digits = digits;
  out.exact = num_digits <= 19 && fraction < 1000 && exponent > -10000 && exponent < 10000;
  out.exponent = out.exact ? exponent - static_cast<int>(fraction) : 0;
  return true;
}

// Beyond the exact path: correctly rounded, too, but slower. False: too large for a double.
bool read_slowly(std::string_view content, double& value) {
  const auto [end, error] = std::from_chars(content.data(), content.data() + content.size(), value);
  if (error == std::errc()) return end == content.data() + content.size();
  // tidy: from_chars says "out of range" of both sides; strtod gives zero or a subnormal for tiny values
  value = std::strtod(std::string(content).c_str(), nullptr);
  return value <= std::numeric_limits<double>::max() && value >= std::numeric_limits<double>::lowest();
}

// Clinger, "How to read floating point numbers accurately", PLDI 1990: integers up to 2^53 and powers of ten up to 10^22 are doubles, so
// one multiplication or division of them rounds once.
bool read_unsigned_part(std::string_view content, std::size_t sign, double& value) {
  constexpr double k_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  Decimal decimal;
  if (!read_decimal(content.data() + sign, content.data() + content.size(), decimal)) return false;
  if (!decimal.exact || decimal.digits > (std::uint64_t{1} << 53) || decimal.exponent < -22 || decimal.exponent > 22) {
    return read_slowly(content, value);
  }
  const auto digits = static_cast<double>(decimal.digits);
  const double magnitude = decimal.exponent < 0 ? digits / k_powers[-decimal.exponent] : digits * k_powers[decimal.exponent];
  value = sign != 0 ? -magnitude : magnitude;
  return true;
}

bool has_leading_zeros(std::string_view content) { return content.size() > 1 && content[0] == '0' && is_digit(content[1]); }

}  // namespace

table::Type joined_type(std::uint8_t kinds) {
  switch (kinds) {
    case k_boolean: return table::Type::boolean;
    case k_integer: return table::Type::integer;
    case k_number:
    case k_number | k_integer: return table::Type::number;
    default: return table::Type::text;
  }
}

bool read_integer_loosely(std::string_view content, std::int64_t& value) {
  if (content.starts_with('+')) content.remove_prefix(1);
  const auto [end, error] = std::from_chars(content.data(), content.data() + content.size(), value);
  return error == std::errc() && end == content.data() + content.size() && !content.empty();
}

bool read_number(std::string_view content, double& value) {
  const std::size_t sign = content.starts_with('-') ? 1 : 0;
  if (has_leading_zeros(content.substr(sign))) return false;
  return read_unsigned_part(content, sign, value);
}

bool read_number_loosely(std::string_view content, double& value) {
  if (content.starts_with('+') && !content.starts_with("+-")) content.remove_prefix(1);
  return read_unsigned_part(content, content.starts_with('-') ? 1 : 0, value);
}

bool read_boolean(std::string_view content, bool& value) {
  if (content == "true" || content == "True" || content == "TRUE") {
    value = true;
    return true;
  }
  value = false;
  return content == "false" || content == "False" || content == "FALSE";
}

ValueKinds kind_of(std::string_view content) {
  std::int64_t integer = 0;
  double number = 0;
  bool boolean = false;
  if (content.empty()) return k_other;
  const auto first = static_cast<unsigned char>(content[0]);
  if (is_digit(content[0]) || first == '-' || first == '.') {
    if (read_integer(content, integer)) return k_integer;
    if (read_number(content, number)) return k_number;
    return k_other;
  }
  return read_boolean(content, boolean) ? k_boolean : k_other;
}

}  // namespace cupel::source
