#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "base/file_handle.h"
#include "base/result.h"

namespace cupel::states {

/// Bytes that do not fit the memory of a state: a file in the folder for temporary files (`$TMPDIR`, else /tmp) that has no name, so that
/// nothing is left behind however the process ends. Bytes are appended and read back; threads may do so together.
///
/// The first failure (a full disk) sticks: problem() tells it, and what is read from then on is zeros.
class SpillFile {
 public:
  SpillFile() = default;
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  /// Appends bytes; answers with their place.
  std::uint64_t append(std::span<const char> bytes);
  void read(std::uint64_t place, std::span<char> bytes);
  /// "cannot write '/tmp/…': No space left on device", with what a user can do.
  std::optional<Error> problem() const;

 private:
  bool open();
  void fail_with(std::string_view doing);

  mutable std::mutex mutex_;
  FileHandle file_;
  std::uint64_t size_ = 0;
  std::optional<Error> problem_;
};

}  // namespace cupel::states
