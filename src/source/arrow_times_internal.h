#pragma once

#include <arrow/type.h>

#include <cstdint>
#include <limits>

namespace cupel::source {

/// Times of Arrow as microseconds since 1970. What lies beyond 64 bits becomes the last that is not.

inline std::int64_t clamped_product(std::int64_t value, std::int64_t by) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(value, by, &product)) return product;
  return value < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

inline std::int64_t add_clamped(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

inline std::int64_t days_to_micros(std::int64_t days) { return clamped_product(days, 86'400'000'000); }

/// Nanoseconds are cut downwards.
inline std::int64_t to_micros(std::int64_t value, arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return clamped_product(value, 1'000'000);
    case arrow::TimeUnit::MILLI: return clamped_product(value, 1'000);
    case arrow::TimeUnit::MICRO: return value;
    case arrow::TimeUnit::NANO: return value / 1'000 - (value % 1'000 < 0 ? 1 : 0);
  }
  return value;
}

}  // namespace cupel::source
