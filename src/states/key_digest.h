#pragma once

#include <cmath>
#include <compare>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "states/bit_mix.h"
#include "states/kept_rows.h"
#include "table/batch.h"

namespace cupel::states {

/// Two independent 64-bit hashes of a value or of a key of several values. They are part of the byte form of the states that keep them:
/// changing them is a new format.
struct KeyDigest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const KeyDigest&) const = default;
  auto operator<=>(const KeyDigest&) const = default;
};

namespace digests {

constexpr std::uint64_t k_high = 0x9e3779b97f4a7c15u;
constexpr std::uint64_t k_low = 0xc2b2ae3d27d4eb4fu;
constexpr KeyDigest k_null = {0x6e756c6c00000001u, 0x6e756c6c00000002u};

// `tag` keeps kinds of values apart that have equal bits.
inline KeyDigest of_bits(std::uint64_t bits, std::uint64_t tag) {
  return {mix_bits(bits + tag * k_high), mix_bits((bits ^ k_low) * k_high + tag)};
}
inline KeyDigest of_integer(std::int64_t value) { return of_bits(static_cast<std::uint64_t>(value), 1); }
// A whole number hashes as the integer, so that 3 and 3.0 are one key.
inline KeyDigest of_number(double value) {
  if (value == std::floor(value) && value >= -0x1p63 && value < 0x1p63) return of_integer(static_cast<std::int64_t>(value));
  return of_bits(number_bits(value), 2);
}
inline KeyDigest of_text(std::string_view text) { return {fast_hash(text, k_high), fast_hash(text, k_low)}; }

/// Calls `each(row, digest)` for every row of a column, nulls as k_null, and `present(row)` before it for those that are not.
template <typename Each, typename Present>
void of_column(const table::Column& column, std::int64_t num_rows, Each&& each, Present&& present) {
  const auto all = [&](auto digest_of) {
    const auto value = [&](std::int64_t row) {
      present(row);
      each(row, digest_of(row));
    };
    for_each_kept(column, num_rows, Selection{}, value, [&](std::int64_t row) { each(row, k_null); });
  };
  using table::Type;
  switch (column.type) {
    case Type::boolean: all([&](std::int64_t row) { return of_integer(column.booleans()[row]); }); break;
    case Type::integer: all([&](std::int64_t row) { return of_integer(column.integers()[row]); }); break;
    case Type::number: all([&](std::int64_t row) { return of_number(column.numbers()[row]); }); break;
    case Type::timestamp: all([&](std::int64_t row) { return of_bits(static_cast<std::uint64_t>(column.integers()[row]), 3); }); break;
    case Type::text: all([&](std::int64_t row) { return of_text(column.text(row)); }); break;
  }
}

}  // namespace digests

/// Digests of the key over several columns, row by row. Within a key null equals null and differs from every value; numbers are equal by
/// value: 3 and 3.0, 0 and -0, NaN and NaN.
struct RowDigests {
  std::vector<KeyDigest> keys;
  std::vector<std::int32_t> present;  ///< values of the key that are not null

  void compute(const table::Batch& batch, std::span<const int> slots) {
    keys.assign(static_cast<std::size_t>(batch.num_rows), KeyDigest{});
    present.assign(keys.size(), 0);
    for (const int slot : slots) {
      digests::of_column(
          batch.columns[static_cast<std::size_t>(slot)], batch.num_rows,
          [&](std::int64_t row, KeyDigest value) {
            KeyDigest& key = keys[static_cast<std::size_t>(row)];
            key.high = mix_bits(key.high * digests::k_high + value.high);
            key.low = mix_bits(key.low * digests::k_low + value.low);
          },
          [&](std::int64_t row) { ++present[static_cast<std::size_t>(row)]; });
    }
  }
};

}  // namespace cupel::states
