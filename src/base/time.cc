#include "base/time.h"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>

namespace cupel {

std::int64_t unix_now_ms() {
  if (const char* fixed = std::getenv("SOURCE_DATE_EPOCH")) return std::strtoll(fixed, nullptr, 10) * 1000;
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string utc_now() { return utc_text(unix_now_ms() / 1000); }

std::string utc_text(std::int64_t unix_seconds) {
  const std::time_t seconds = unix_seconds;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string duration_text(double seconds) {
  if (seconds < 0.001) return fmt::format("{:.1f} ms", seconds * 1000);
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1000);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const int whole = static_cast<int>(seconds);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

}  // namespace cupel
