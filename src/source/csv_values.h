#pragma once

#include <cstdint>
#include <string_view>

#include "table/column.h"

namespace cupel::source {

/// What a field's content can be, as bits, so that those of a column join by `|`.
enum ValueKinds : std::uint8_t { k_no_kind = 0, k_boolean = 1, k_integer = 2, k_number = 4, k_other = 8 };

/// The narrowest type that holds values of these kinds; text for none.
table::Type joined_type(std::uint8_t kinds);

/// The kind of one value; not for nulls.
ValueKinds kind_of(std::string_view content);

/// Decimal digits with or without a minus, without leading zeros, within 64 bits. `0` and `-0` are 0.
inline bool read_integer(std::string_view content, std::int64_t& value) {
  const char* p = content.data();
  const char* const end = p + content.size();
  const bool negative = p != end && *p == '-';
  if (negative) ++p;
  const auto length = end - p;
  if (length == 0 || length > 19 || (*p == '0' && length > 1)) return false;
  std::uint64_t magnitude = 0;  // 19 digits fit
  for (; p != end; ++p) {
    const unsigned digit = static_cast<unsigned char>(*p) - unsigned{'0'};
    if (digit > 9) return false;
    magnitude = magnitude * 10 + digit;
  }
  constexpr std::uint64_t k_most = std::uint64_t{1} << 63;
  if (magnitude >= k_most && !(negative && magnitude == k_most)) return false;
  value = static_cast<std::int64_t>(negative ? std::uint64_t{0} - magnitude : magnitude);
  return true;
}
/// The same, with leading zeros and a plus allowed: for columns whose type is stated.
bool read_integer_loosely(std::string_view content, std::int64_t& value);

/// A decimal number with or without minus, fraction and exponent, bit for bit as strtod reads it in the C locale. Refused: leading zeros
/// before another digit, a plus, spaces, infinities, NaN, hexadecimal digits, and what exceeds the largest double.
bool read_number(std::string_view content, double& value);
bool read_number_loosely(std::string_view content, double& value);

/// `true` `True` `TRUE`, `false` `False` `FALSE`.
bool read_boolean(std::string_view content, bool& value);

}  // namespace cupel::source
