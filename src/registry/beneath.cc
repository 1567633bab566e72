#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/text.h"
#include "registry/beneath_internal.h"
#include "registry/identifier.h"

namespace cupel::registry {

Result<void> open_beneath(const fs::path& folder, const std::string& path, FileHandle& file) {
  FileHandle place(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (place.get() < 0) return system_error("read", folder);
  const std::vector<std::string_view> parts = split(path, '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    // O_NONBLOCK: a named pipe must not hang before it is refused below.
    const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | (last ? O_NONBLOCK : O_DIRECTORY);
    const int next = ::openat(place.get(), std::string(parts[i]).c_str(), flags);
    if (next < 0 && (errno == ELOOP || errno == ENOTDIR)) {
      return fail("'{}' is refused: '{}' is a symbolic link or no folder", (folder / path).string(), parts[i]);
    }
    if (next < 0 && errno == ENOENT) return fail(ErrorKind::not_found, "missing file '{}'", (folder / path).string());
    if (next < 0) return system_error("read", folder / path);
    if (last) {
      file = FileHandle(next);
    } else {
      place = FileHandle(next);
    }
  }
  return {};
}

Result<std::uint64_t> regular_size(int fd, const fs::path& path, HardLinks hard_links) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return system_error("read", path);
  if (!S_ISREG(info.st_mode)) return fail("'{}' is not a regular file", path.string());
  if (hard_links == HardLinks::refuse && info.st_nlink > 1) {
    return fail_with_hint(fmt::format("'{}' is refused: it has {} names (hard links), one of which may be outside of the model's folder", path.string(), info.st_nlink), "copy the file");
  }
  return static_cast<std::uint64_t>(info.st_size);
}

Result<std::string> read_beneath(const fs::path& folder, const std::string& path, std::uint64_t limit_bytes) {
  TRY(check_file_path(path));
  FileHandle file;
  TRY(open_beneath(folder, path, file));
  const fs::path full = folder / path;
  ASSIGN_OR_RETURN(const std::uint64_t size, regular_size(file.get(), full, HardLinks::refuse));
  if (size > limit_bytes) return fail("'{}' has {} bytes, more than the {} that are read", full.string(), with_thousands(static_cast<std::int64_t>(size)), with_thousands(static_cast<std::int64_t>(limit_bytes)));
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(size));
  std::string piece(std::size_t{1} << 18, '\0');
  for (;;) {
    ASSIGN_OR_RETURN(const std::size_t got, read_some(file.get(), piece, full));
    if (got == 0) return bytes;
    bytes.append(piece, 0, got);
    if (bytes.size() > size) return fail(ErrorKind::corrupt, "'{}' grew while it was read", full.string());
  }
}

}  // namespace cupel::registry
