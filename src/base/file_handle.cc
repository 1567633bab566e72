#include "base/file_handle.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
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

Result<std::size_t> read_some(int fd, std::span<char> to, const fs::path& path) {
  for (;;) {
    const ssize_t got = ::read(fd, to.data(), to.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return system_error("read", path);
  }
}

Result<void> write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return system_error("write", path);
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
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
