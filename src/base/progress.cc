#include "base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>

#include "base/text.h"

namespace cupel {
namespace {
std::atomic<bool> g_silent{false};
constexpr double k_bar_seconds = 0.1;
constexpr double k_line_seconds = 5;
}  // namespace

void Progress::silence() { g_silent = true; }

Progress::Progress(std::string_view label, std::uint64_t total, Style style)
    : label_(label), total_(total), terminal_(::isatty(2) == 1), quiet_(style == Style::quiet || g_silent) {
  last_ = terminal_ ? 0.5 - k_bar_seconds : 0;
}

Progress::~Progress() { finish(); }

void Progress::advance_to(std::uint64_t done, std::string_view note) {
  const double now = watch_.seconds();
  if (quiet_ || now - last_ < (terminal_ ? k_bar_seconds : k_line_seconds)) return;
  last_ = now;
  std::string line = label_;
  if (total_ > 0) {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
    if (terminal_) {
      constexpr int k_width = 24;
      const int full = static_cast<int>(share * k_width);
      line += " [";
      for (int i = 0; i < k_width; ++i) line += i < full ? "█" : "·";
      line += "]";
    }
    line += fmt::format(" {:3.0f} %", share * 100);
    if (share > 0.02) line += fmt::format(", {} left", duration_text(now * (1 - share) / share));
  } else {
    line += " " + with_thousands(static_cast<std::int64_t>(done));
  }
  if (!note.empty()) line += fmt::format(", {}", note);
  std::fputs(terminal_ ? ("\r\x1b[K" + line).c_str() : (line + "\n").c_str(), stderr);
  std::fflush(stderr);
  shown_ = true;
}

void Progress::finish() {
  if (shown_ && terminal_) {
    std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
  }
  shown_ = false;
}

}  // namespace cupel
