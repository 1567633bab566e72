#include "base/file_handle.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace cupel {

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void FileHandle::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

fs::path nameless_file_place() {
  std::error_code none;
  const fs::path folder = fs::temp_directory_path(none);
  return (none ? fs::path("/tmp") : folder) / "cupel.XXXXXX";
}

Result<FileHandle> nameless_file() {
  std::string name = nameless_file_place().string();
  FileHandle file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file.is_open()) return system_error("write", nameless_file_place());
  ::unlink(name.c_str());
  return file;
}

}  // namespace cupel
