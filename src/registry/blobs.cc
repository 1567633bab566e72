#include "registry/blobs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/hash.h"
#include "base/text.h"
#include "registry/beneath_internal.h"
#include "registry/identifier.h"

namespace cupel::registry {
namespace {

constexpr std::size_t k_piece_bytes = 1 << 18;

/// Unlinks the scratch file unless it was renamed away.
struct ScratchFile {
  std::string path;
  ~ScratchFile() {
    if (!path.empty()) ::unlink(path.c_str());
  }
};

/// Reads all of a blob, hashing; hands each piece on.
Result<void> read_verified(const fs::path& path, const BlobStore::Blob& blob, const std::function<Result<void>(std::string_view)>& take) {
  const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0) {
    if (errno == ENOENT) return fail(ErrorKind::not_found, "missing blob '{}'", path.string());
    return system_error("read", path);
  }
  ASSIGN_OR_RETURN(const std::uint64_t size, regular_size(file.get(), path));
  if (size != blob.bytes) {
    return fail(ErrorKind::corrupt, "blob '{}' has {} bytes, expected {}: it was altered after it was stored", path.string(), size,
                blob.bytes);
  }
  Sha256 hash;
  std::string piece(k_piece_bytes, '\0');
  std::uint64_t total = 0;
  for (;;) {
    ASSIGN_OR_RETURN(const std::size_t got, read_some(file.get(), piece, path));
    if (got == 0) break;
    total += got;
    if (total > blob.bytes) break;
    hash.update(std::string_view(piece).substr(0, got));
    TRY(take(std::string_view(piece).substr(0, got)));
  }
  const std::string found = hash.hex_digest();
  if (total == blob.bytes && found == blob.digest) return {};
  return fail(ErrorKind::corrupt, "blob '{}' has digest sha256:{}, expected sha256:{}: it was altered after it was stored", path.string(),
              found, blob.digest);
}

}  // namespace

std::string BlobStore::location_of(std::string_view digest) const {
  std::string location = folder_.native() + "/sha256/";
  if (digest.empty()) return location;
  location += digest.substr(0, 2);
  location += '/';
  location += digest;
  return location;
}

Result<BlobStore::Blob> BlobStore::take_in(const std::function<Result<std::string_view>()>& next_piece) {
  const fs::path incoming = folder_ / "incoming";
  std::error_code error;
  fs::create_directories(incoming, error);
  if (error) return fail(ErrorKind::io, "cannot write '{}': {}", incoming.string(), error.message());
  ScratchFile scratch{(incoming / "XXXXXX").string()};
  TRY(step("make the scratch file"));
  const FileHandle file(::mkostemp(scratch.path.data(), O_CLOEXEC));
  if (file.get() < 0) {
    scratch.path.clear();
    return system_error("write", incoming);
  }
  Sha256 hash;
  Blob blob;
  for (;;) {
    ASSIGN_OR_RETURN(const std::string_view piece, next_piece());
    if (piece.empty()) break;
    hash.update(piece);
    blob.bytes += piece.size();
    TRY(step("write the blob"));
    TRY(write_all(file.get(), piece, scratch.path));
  }
  blob.digest = hash.hex_digest();
  const fs::path target = path_of(blob.digest);
  if (!fs::exists(target) || !verify(blob)) {
    TRY(settle(file.get(), scratch.path, blob));
    scratch.path.clear();
  }
  // Also for a blob that was there: its maker may have died before its name was durable.
  TRY(step("sync the folder of the blob"));
  for (fs::path folder = target.parent_path(); folder != folder_.parent_path(); folder = folder.parent_path()) TRY(sync_folder(folder));
  TRY(sync_folder(folder_.parent_path()));
  return blob;
}

Result<void> BlobStore::settle(int scratch, const fs::path& scratch_path, const Blob& blob) {
  TRY(step("sync the blob"));
  if (::fchmod(scratch, 0444) != 0 || ::fsync(scratch) != 0) return system_error("sync", scratch_path);
  const fs::path target = path_of(blob.digest);
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  if (error) return fail(ErrorKind::io, "cannot write '{}': {}", target.string(), error.message());
  TRY(step("name the blob"));
  if (::rename(scratch_path.c_str(), target.c_str()) != 0) return system_error("write", target);
  return {};
}

Result<BlobStore::Blob> BlobStore::put(const fs::path& folder, const std::string& path, std::uint64_t limit_bytes, HardLinks hard_links) {
  TRY(check_file_path(path));
  FileHandle file;
  TRY(open_beneath(folder, path, file));
  const fs::path full = folder / path;
  ASSIGN_OR_RETURN(const std::uint64_t size, regular_size(file.get(), full, hard_links));
  const auto too_large = [&] {
    return fail("'{}' has more than the {} bytes that a registry takes", full.string(),
                with_thousands(static_cast<std::int64_t>(limit_bytes)));
  };
  if (size > limit_bytes) return too_large();
  std::string piece(k_piece_bytes, '\0');
  std::uint64_t total = 0;
  return take_in([&]() -> Result<std::string_view> {
    ASSIGN_OR_RETURN(const std::size_t got, read_some(file.get(), piece, full));
    total += got;
    if (total > limit_bytes) return too_large();
    return std::string_view(piece).substr(0, got);
  });
}

Result<BlobStore::Blob> BlobStore::put_bytes(std::string_view bytes) {
  return take_in([&]() -> Result<std::string_view> { return std::exchange(bytes, std::string_view()); });
}

Result<std::string> BlobStore::read(const Blob& blob) const {
  std::string bytes;
  TRY(read_verified(path_of(blob.digest), blob, [&](std::string_view piece) -> Result<void> {
    bytes += piece;
    return {};
  }));
  return bytes;
}

Result<void> BlobStore::verify(const Blob& blob) const {
  return read_verified(path_of(blob.digest), blob, [](std::string_view) -> Result<void> { return {}; });
}

Result<void> BlobStore::stream(const Blob& blob, const std::function<Result<void>(std::string_view)>& take) const {
  return read_verified(path_of(blob.digest), blob, take);
}

Result<std::vector<BlobStore::Blob>> BlobStore::list() const {
  std::vector<Blob> blobs;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder_ / "sha256", error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!is_digest(name) || !it->is_regular_file(error)) continue;
    blobs.push_back({name, it->file_size(error)});
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return fail(ErrorKind::io, "cannot read '{}': {}", (folder_ / "sha256").string(), error.message());
  }
  std::sort(blobs.begin(), blobs.end(), [](const Blob& a, const Blob& b) { return a.digest < b.digest; });
  return blobs;
}

Result<void> BlobStore::remove(std::string_view digest) {
  TRY(step("remove the blob"));
  const fs::path path = path_of(digest);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_error("remove", path);
  return {};
}

void BlobStore::sweep() {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_ / "incoming", error)) {
    std::error_code ignored;  // a scratch file that cannot go now goes with the next sweep
    fs::remove(entry.path(), ignored);
  }
}

}  // namespace cupel::registry
