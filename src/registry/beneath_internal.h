#pragma once

#include <unistd.h>

#include <cstdint>
#include <string>

#include "base/files.h"
#include "base/result.h"
#include "registry/blobs.h"

namespace cupel::registry {

/// Files inside a folder that somebody else made: no way leads out of it.

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(-1); }
  int get() const { return fd_; }
  void reset(int fd) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

/// Opens folder/path (checked by check_file_path) part by part, so that no symbolic link is followed, not even one that is swapped in meanwhile.
/// Does not wait for a named pipe.
Result<void> open_beneath(const fs::path& folder, const std::string& path, Descriptor& file);

/// Size of a regular file; anything else is refused, and on request one that has other names.
Result<std::uint64_t> regular_size(int fd, const fs::path& path, HardLinks hard_links = HardLinks::allow);

/// Fills `piece` with what comes next; 0 at the end.
Result<std::size_t> read_piece(int fd, std::string& piece, const fs::path& path);

/// The bytes of folder/path, a regular file of one name and at most `limit_bytes`.
Result<std::string> read_beneath(const fs::path& folder, const std::string& path, std::uint64_t limit_bytes);

}  // namespace cupel::registry
