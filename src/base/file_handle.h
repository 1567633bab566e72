#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "base/files.h"
#include "base/result.h"

namespace cupel {

/// An open file of the system, closed with the object. -1: none.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int fd) : fd_(fd) {}
  FileHandle(FileHandle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileHandle& operator=(FileHandle&& other) noexcept;
  ~FileHandle() { close(); }
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void close();
  /// Without closing it: -1 from then on.
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// Fills `to` with what comes next, and says how much that is; 0 at the end. Errors name `path`.
Result<std::size_t> read_some(int fd, std::span<char> to, const fs::path& path);

/// Writes all of it where the file stands. Errors name `path`.
Result<void> write_all(int fd, std::string_view bytes, const fs::path& path);

/// A file without a name in `$TMPDIR` (else /tmp), to be written and read: gone with its handle. Error: none can be made.
Result<FileHandle> nameless_file();
/// What errors call such a file.
fs::path nameless_file_place();

}  // namespace cupel
