#include "registry/archive_tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <set>

#include "base/process.h"
#include "base/text.h"
#include "registry/identifier.h"
#include "registry/leaving.h"

namespace cupel::registry {
namespace {

struct FreeWriter {
  void operator()(archive* handle) const { archive_write_free(handle); }
};
struct FreeReader {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Writer = std::unique_ptr<archive, FreeWriter>;
using Reader = std::unique_ptr<archive, FreeReader>;

tl::unexpected<Error> archive_error(archive* handle, const fs::path& file) {
  const char* reason = archive_error_string(handle);
  return fail(ErrorKind::corrupt, "'{}' is no tar archive, or one that is damaged: {}", file.string(), shorten(reason == nullptr ? "no reason given" : reason, 200));
}

/// The archive's file, and why it could not be written.
struct Target {
  PieceFile file;
  std::optional<Error> error;
};

la_ssize_t append(archive*, void* target, const void* piece, std::size_t size) {
  auto* to = static_cast<Target*>(target);
  auto written = to->file.write({static_cast<const char*>(piece), size});
  if (written) return static_cast<la_ssize_t>(size);
  to->error = written.error();
  return -1;
}

bool is_compressed(const fs::path& file) {
  const std::string name = to_lower_ascii(file.filename().string());
  return name.ends_with(".gz") || name.ends_with(".tgz");
}

Result<void> write_entry(archive* handle, const PackageFile& file, const fs::path& target) {
  const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), file.path.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), 0, 0);
  if (archive_write_header(handle, entry.get()) != ARCHIVE_OK) return archive_error(handle, target);
  return file.stream([&](std::string_view piece) -> Result<void> {
    if (piece.empty() || archive_write_data(handle, piece.data(), piece.size()) == static_cast<la_ssize_t>(piece.size())) return {};
    return archive_error(handle, target);
  });
}

/// One entry into its file; `left` is what all of them may still hold.
Result<void> take_entry(archive* handle, const std::string& path, const fs::path& into, const fs::path& source, const TakeLimits& limits, std::uint64_t& left) {
  const fs::path target = into / path;
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  const FileHandle out(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!out.is_open()) return system_error("write", target);
  std::uint64_t written = 0;
  for (;;) {
    const void* piece = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int code = archive_read_data_block(handle, &piece, &size, &offset);
    if (code == ARCHIVE_EOF) return {};
    if (code != ARCHIVE_OK) return archive_error(handle, source);
    if (offset < 0 || static_cast<std::uint64_t>(offset) != written) return fail("'{}': the file '{}' has holes, which is refused", source.string(), path);
    written += size;
    if (written > limits.file_bytes || size > left) return fail("'{}' holds more than the {} bytes that are taken in", source.string(), with_thousands(static_cast<std::int64_t>(limits.all_bytes)));
    left -= size;
    std::string_view bytes(static_cast<const char*>(piece), size);
    while (!bytes.empty()) {
      const ssize_t put = ::write(out.get(), bytes.data(), bytes.size());
      if (put < 0 && errno != EINTR) return system_error("write", target);
      if (put > 0) bytes.remove_prefix(static_cast<std::size_t>(put));
    }
  }
}

}  // namespace

bool is_tar_name(const fs::path& file) {
  const std::string name = to_lower_ascii(file.filename().string());
  return name.ends_with(".tar") || name.ends_with(".tar.gz") || name.ends_with(".tgz");
}

Result<void> write_tar(const fs::path& file, std::span<const PackageFile> files) {
  ASSIGN_OR_RETURN(Leaving leaving, Leaving::make(file));
  const std::string name = file.filename().string();
  ASSIGN_OR_RETURN(PieceFile out, PieceFile::create(leaving.folder() / name));
  Target target{std::move(out), std::nullopt};
  // An error of the disk is told by its own words, not as one of the archive.
  const auto told = [&target](Result<void> written) -> Result<void> {
    if (!written && target.error) return tl::unexpected<Error>(*target.error);
    return written;
  };
  {
    const Writer handle(archive_write_new());
    archive_write_set_format_pax_restricted(handle.get());
    if (is_compressed(file)) {
      archive_write_add_filter_gzip(handle.get());
      archive_write_set_filter_option(handle.get(), "gzip", "timestamp", nullptr);
    }
    if (archive_write_open(handle.get(), &target, nullptr, append, nullptr) != ARCHIVE_OK) return told(archive_error(handle.get(), file));
    for (const PackageFile& entry : files) TRY(told(write_entry(handle.get(), entry, file)));
    if (archive_write_close(handle.get()) != ARCHIVE_OK) return told(archive_error(handle.get(), file));
  }
  TRY(target.file.finish(Durable::yes));
  return leaving.finish_file(name);
}

Result<void> read_tar(const fs::path& file, const fs::path& into, const TakeLimits& limits) {
  const Reader handle(archive_read_new());
  archive_read_support_format_tar(handle.get());
  archive_read_support_filter_gzip(handle.get());
  if (archive_read_open_filename(handle.get(), file.c_str(), 1 << 18) != ARCHIVE_OK) return archive_error(handle.get(), file);
  std::set<std::string> paths;
  std::uint64_t left = limits.all_bytes;
  for (std::uint64_t entries = 0;;) {
    archive_entry* entry = nullptr;
    const int code = archive_read_next_header(handle.get(), &entry);
    if (code == ARCHIVE_EOF) break;
    if (code != ARCHIVE_OK) return archive_error(handle.get(), file);
    if (++entries > limits.entries) return fail("'{}' holds more than the {} entries that are taken in", file.string(), limits.entries);
    const char* name = archive_entry_pathname(entry);
    std::string path = name == nullptr ? "" : name;
    if (path.starts_with("./")) path = path.substr(2);
    const auto type = archive_entry_filetype(entry);
    const bool link = archive_entry_hardlink(entry) != nullptr || archive_entry_symlink(entry) != nullptr;
    if (type == AE_IFDIR && !link) {
      while (path.ends_with('/')) path.pop_back();
      if (!path.empty() && path != ".") TRY(check_file_path(path));
      continue;
    }
    if (type != AE_IFREG || link) return fail("'{}': '{}' is a link or a device, expected plain files", file.string(), shorten(path, 80));
    TRY(check_file_path(path));
    if (!paths.insert(path).second) return fail("'{}' holds '{}' twice", file.string(), shorten(path, 80));
    TRY(take_entry(handle.get(), path, into, file, limits, left));
  }
  if (paths.empty()) return fail(ErrorKind::corrupt, "'{}' holds no file", file.string());
  return {};
}

}  // namespace cupel::registry
