#include "base/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/file_handle.h"

namespace cupel {
tl::unexpected<Error> system_error(std::string_view doing, const fs::path& path) {
  const int code = errno;
  if (code == ENOENT) return fail(ErrorKind::not_found, "cannot {} '{}': no such file or folder", doing, path.string());
  return fail(ErrorKind::io, "cannot {} '{}': {}", doing, path.string(), std::strerror(code));
}

Result<std::string> read_file(const fs::path& path, std::uintmax_t limit_bytes) {
  const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT) return fail(ErrorKind::not_found, "missing file '{}'", path.string());
    return system_error("read", path);
  }
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return system_error("read", path);
  if (S_ISDIR(info.st_mode)) return fail("'{}' is a folder, expected a file", path.string());
  if (limit_bytes != 0 && static_cast<std::uintmax_t>(info.st_size) > limit_bytes) {
    return fail("'{}' has {} bytes, more than the {} that are read", path.string(), info.st_size, limit_bytes);
  }
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(info.st_size));
  char buffer[1 << 16];
  for (;;) {
    ASSIGN_OR_RETURN(const std::size_t got, read_some(file.get(), buffer, path));
    if (got == 0) return bytes;
    bytes.append(buffer, got);
    if (limit_bytes != 0 && bytes.size() > limit_bytes) {
      return fail("'{}' has more than the {} bytes that are read", path.string(), limit_bytes);
    }
  }
}

Result<void> sync_folder(const fs::path& folder) {
  const fs::path name = folder.empty() ? fs::path(".") : folder;
  const FileHandle handle(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (handle.get() < 0 || ::fsync(handle.get()) != 0) return system_error("sync", name);
  return {};
}

Result<void> write_file(const fs::path& path, std::string_view bytes, Durable durable) {
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  if (error) return fail(ErrorKind::io, "cannot write '{}': {}", path.string(), error.message());
  std::string scratch = path.string() + ".XXXXXX";
  {
    const FileHandle file(::mkostemp(scratch.data(), O_CLOEXEC));
    if (file.get() < 0) return system_error("write", path);
    auto written = write_all(file.get(), bytes, path);
    if (written && ::fchmod(file.get(), 0644) != 0) written = system_error("write", path);
    if (written && durable == Durable::yes && ::fsync(file.get()) != 0) written = system_error("sync", path);
    if (written && ::rename(scratch.c_str(), path.c_str()) != 0) written = system_error("write", path);
    if (!written) {
      ::unlink(scratch.c_str());
      return written;
    }
  }
  if (durable == Durable::yes) return sync_folder(path.parent_path());
  return {};
}

Result<void> rename_durably(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return system_error("rename", to);
  TRY(sync_folder(to.parent_path()));
  if (from.parent_path() != to.parent_path()) TRY(sync_folder(from.parent_path()));
  return {};
}

Result<ScratchFolder> ScratchFolder::make(const fs::path& parent, std::string_view prefix) {
  const fs::path base = parent.empty() ? fs::path(".") : parent;
  std::error_code error;
  fs::create_directories(base, error);
  if (error) return fail(ErrorKind::io, "cannot make a folder in '{}': {}", base.string(), error.message());
  std::string name = (base / ("." + std::string(prefix) + ".XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) return system_error("make a folder in", base);
  return ScratchFolder(fs::path(name));
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;  // nothing can be done in a destructor; the folder's name says that it is scratch
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

Result<MappedFile> MappedFile::open(const fs::path& path) {
  const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT) return fail(ErrorKind::not_found, "missing file '{}'", path.string());
    return system_error("read", path);
  }
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return system_error("read", path);
  if (S_ISDIR(info.st_mode)) return fail("'{}' is a folder, expected a file", path.string());
  MappedFile mapped;
  mapped.size_ = static_cast<std::size_t>(info.st_size);
  if (mapped.size_ == 0) return mapped;
  void* data = ::mmap(nullptr, mapped.size_, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (data == MAP_FAILED) {
    mapped.size_ = 0;
    return system_error("map", path);
  }
  mapped.data_ = static_cast<const char*>(data);
  return mapped;
}

MappedFile::MappedFile(MappedFile&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

}  // namespace cupel
