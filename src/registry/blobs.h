#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"

namespace cupel::registry {

/// Called before each step that reaches the disk, with the step's name; an error that it returns stands for the disk's refusal. For
/// tests, which fail or kill at the n-th step.
using StepHook = std::function<Result<void>(std::string_view step)>;

/// A file with more than one name may be the same as one outside of its folder.
enum class HardLinks { allow, refuse };

/// Files by content: `<folder>/sha256/ab/ab12…`, each written once, never changed. A name appears only after its bytes are durable.
class BlobStore {
 public:
  explicit BlobStore(fs::path folder, StepHook hook = {}) : folder_(std::move(folder)), hook_(std::move(hook)) {}

  struct Blob {
    std::string digest;  ///< 64 hexadecimal digits
    std::uint64_t bytes = 0;
  };

  /// Copies the file `path` (relative, checked) inside `folder` into the store, in one reading. Symbolic links on the way, and
  /// anything but a regular file of at most `limit_bytes`, are refused. A damaged blob of the same digest is replaced.
  Result<Blob> put(const fs::path& folder, const std::string& path, std::uint64_t limit_bytes, HardLinks hard_links = HardLinks::allow);
  Result<Blob> put_bytes(std::string_view bytes);

  /// The bytes, read once and compared with the digest and size. Errors: `corrupt` with what was found, `not_found`.
  Result<std::string> read(const Blob& blob) const;
  /// The same for files of any size, without keeping them.
  Result<void> verify(const Blob& blob) const;

  /// The same, handed on piece by piece. Only when it answers without an error were the pieces the blob's; the first error of `take` ends it.
  Result<void> stream(const Blob& blob, const std::function<Result<void>(std::string_view)>& take) const;

  fs::path path_of(std::string_view digest) const { return location_of(digest); }
  /// Of no digest: the folder that all locations begin with, up to its last `/`.
  std::string location_of(std::string_view digest) const;
  /// Digests of all blobs, sorted. Other files in the store's folders are left out.
  Result<std::vector<Blob>> list() const;
  Result<void> remove(std::string_view digest);
  /// Removes what an interrupted `put` left behind. Only when no other process is putting.
  void sweep();

 private:
  Result<void> step(std::string_view name) const { return hook_ ? hook_(name) : Result<void>{}; }
  Result<void> settle(int scratch, const fs::path& scratch_path, const Blob& blob);
  Result<Blob> take_in(const std::function<Result<std::string_view>()>& next_piece);

  fs::path folder_;
  StepHook hook_;
};

}  // namespace cupel::registry
