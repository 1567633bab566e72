#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "base/invariant.h"
#include "base/process.h"

namespace cupel::fuzz {

/// A file without a place on the disk.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    CHECK(descriptor_.is_open());
    while (!bytes.empty()) {
      const ssize_t put = ::write(descriptor_.get(), bytes.data(), bytes.size());
      CHECK(put > 0);
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
  }
  std::string path() const { return fmt::format("/proc/self/fd/{}", descriptor_.get()); }

 private:
  FileHandle descriptor_;
};

}  // namespace cupel::fuzz
