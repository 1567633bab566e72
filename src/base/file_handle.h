#pragma once

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

 private:
  int fd_ = -1;
};

/// A file without a name in `$TMPDIR` (else /tmp), to be written and read: gone with its handle. Error: none can be made.
Result<FileHandle> nameless_file();
/// What errors call such a file.
fs::path nameless_file_place();

}  // namespace cupel
