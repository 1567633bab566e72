#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/hash.h"

namespace cupel::states {

/// A bijection that spreads every bit over all (the finalizer of MurmurHash3 with the constants of Stafford's variant 13).
inline std::uint64_t mix_bits(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

/// For tables in memory only, never written: short texts, as most categories are, need no call.
inline std::uint64_t table_hash(std::string_view text) {
  if (text.size() > 16) return fast_hash(text);
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (text.size() >= 8) {
    std::memcpy(&first, text.data(), 8);
    std::memcpy(&last, text.data() + text.size() - 8, 8);
  } else if (text.size() >= 4) {
    std::memcpy(&first, text.data(), 4);
    std::memcpy(&last, text.data() + text.size() - 4, 4);
  } else {
    for (const char c : text) first = (first << 8) | static_cast<unsigned char>(c);
  }
  return mix_bits(first * 0x9e3779b97f4a7c15u + std::rotl(last, 23) + text.size());
}

/// The bits of a number, so that equal values have equal bits: one zero, one NaN.
inline std::uint64_t number_bits(double value) {
  if (std::isnan(value)) return 0x7ff8000000000000u;
  return std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);
}

}  // namespace cupel::states
