#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace cupel {

/// Progress of a long job on stderr: a bar on a terminal, a line every five seconds otherwise, nothing when quiet or when the job ends
/// within half a second. Not thread-safe: call from one thread.
class Progress {
 public:
  enum class Style { automatic, quiet };
  /// `total` of 0: unknown, only the count is shown.
  Progress(std::string_view label, std::uint64_t total, Style style = Style::automatic);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance_to(std::uint64_t done, std::string_view note = {});
  /// Erases the bar.
  void finish();

  /// For the whole process: set by `--quiet`.
  static void silence();

 private:
  std::string label_;
  std::uint64_t total_;
  bool terminal_;
  bool quiet_;
  bool shown_ = false;
  double last_ = 0;
  Stopwatch watch_;
};

}  // namespace cupel
