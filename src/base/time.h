#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace cupel {

/// Now, in UTC: "2026-11-20T14:03:07Z". `$SOURCE_DATE_EPOCH` (seconds) replaces the clock, for reproducible files.
std::string utc_now();
std::int64_t unix_now_ms();
/// The same text for a time in seconds since 1970.
std::string utc_text(std::int64_t unix_seconds);

/// Seconds since construction, from a clock that is never set back.
class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// 0.0042 -> "4 ms", 83 -> "1 min 23 s".
std::string duration_text(double seconds);

}  // namespace cupel
