#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cupel {

namespace fs = std::filesystem;

enum class Durable { no, yes };

/// Whole file. Errors: `missing file 'x'`, `'x' is a folder`, or the system's reason.
/// `limit_bytes` refuses larger files before reading them (0: no limit).
Result<std::string> read_file(const fs::path& path, std::uintmax_t limit_bytes = 0);

/// Writes beside the target and renames, so that readers see the old or the new file and never half of one.
/// With Durable::yes the file and its folder are synced before returning. Creates missing parent folders.
Result<void> write_file(const fs::path& path, std::string_view bytes, Durable durable = Durable::no);

/// Renames durably: both parent folders are synced afterwards.
Result<void> rename_durably(const fs::path& from, const fs::path& to);
Result<void> sync_folder(const fs::path& folder);

/// A fresh private folder beside or below `parent` (its name starts with `.` and `prefix`), removed with all it holds when the
/// object dies unless `keep()` was called.
class ScratchFolder {
 public:
  static Result<ScratchFolder> make(const fs::path& parent, std::string_view prefix);
  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();
  const fs::path& path() const { return path_; }
  void keep() { path_.clear(); }

 private:
  explicit ScratchFolder(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

/// Read-only memory map of a regular file; an empty file maps to an empty view.
class MappedFile {
 public:
  static Result<MappedFile> open(const fs::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();
  std::string_view bytes() const { return {data_, size_}; }

 private:
  MappedFile() = default;
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

/// The text of errno after a failed call on `path`: `cannot write 'x': No space left on device`.
tl::unexpected<Error> system_error(std::string_view doing, const fs::path& path);

}  // namespace cupel
