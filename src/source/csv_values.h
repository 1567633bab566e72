#pragma once

#include <cstddef>
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
/// Up to eight digits that stand at the end of the word, the first in its lowest byte, with zero bytes before them (Lemire, "Quickly parsing
/// eight digits", 2022). `word` holds the digits' values, each at most 9.
inline std::uint64_t join_digits(std::uint64_t word) {
  word = (word & 0x0F0F0F0F0F0F0F0FULL) * 2561 >> 8;
  word = (word & 0x00FF00FF00FF00FFULL) * 6553601 >> 16;
  return (word & 0x0000FFFF0000FFFFULL) * 42949672960001ULL >> 32;
}
/// Is some byte above 9?
inline bool has_other_than_digits(std::uint64_t word) { return (((word + 0x7676767676767676ULL) | word) & 0x8080808080808080ULL) != 0; }

/// The same as read_integer for a field of `length` bytes that begins at the lowest byte of `word`. False: something else than an integer,
/// or longer than eight bytes; the caller asks read_integer. Takes the same time for any sign and length.
inline bool read_short_integer(std::uint64_t word, std::size_t length, std::int64_t& value) {
  const std::uint64_t negative = (word & 0xFF) == '-' ? 1 : 0;
  const std::size_t num_digits = length - negative;
  if (length > 8 || num_digits - 1 >= 8) return false;  // also when there is none
  const std::uint64_t shift = 64 - 8 * num_digits;
  const std::uint64_t digits = ((word >> (8 * negative)) << shift) ^ (0x3030303030303030ULL << shift);
  const bool leading_zero = ((digits >> shift) & 0xFF) == 0 && num_digits > 1;
  if (has_other_than_digits(digits) || leading_zero) return false;
  const auto magnitude = static_cast<std::int64_t>(join_digits(digits));
  value = negative != 0 ? -magnitude : magnitude;
  return true;
}

/// The same for read_number: a sign, digits and at most one point, bit for bit as read_number.
inline bool read_short_number(std::uint64_t word, std::size_t length, double& value) {
  static constexpr double k_powers[8] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
  const std::uint64_t negative = (word & 0xFF) == '-' ? 1 : 0;
  const std::size_t size = length - negative;
  if (length > 8 || size - 1 >= 8) return false;
  word >>= 8 * negative;
  const std::uint64_t unused = 64 - 8 * size;
  // The first byte that is a point: the lowest zero byte of the difference (Mycroft's test is exact for the lowest).
  const std::uint64_t difference = word ^ 0x2E2E2E2E2E2E2E2EULL;
  const std::uint64_t points = ((difference - 0x0101010101010101ULL) & ~difference & 0x8080808080808080ULL) << unused >> unused;
  const std::uint64_t has_point = points != 0 ? 1 : 0;
  const std::size_t whole = has_point != 0 ? static_cast<std::size_t>(__builtin_ctzll(points)) / 8 : size;
  const std::uint64_t above = whole < 8 ? ~std::uint64_t{0} << (8 * whole) : 0;  // bytes from the point on
  word = (word & ~above) | ((word >> (8 * has_point)) & above);
  const std::size_t num_digits = size - has_point;
  if (num_digits == 0) return false;
  const std::uint64_t shift = 64 - 8 * num_digits;
  const std::uint64_t digits = (word << shift) ^ (0x3030303030303030ULL << shift);
  const bool leading_zero = ((digits >> shift) & 0xFF) == 0 && whole > 1;
  if (has_other_than_digits(digits) || leading_zero) return false;
  // Below 10^8 over a power of ten that is a double: one division rounds once (Clinger, as in read_number).
  const double magnitude = static_cast<double>(static_cast<std::int64_t>(join_digits(digits))) / k_powers[num_digits - whole];
  value = negative != 0 ? -magnitude : magnitude;
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
