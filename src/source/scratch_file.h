#pragma once

#include <string>

#include "base/files.h"
#include "base/result.h"

namespace cupel::source {

/// A name beside the target under which a file is written until it is complete. What exists and is no regular file (`/dev/stdout`, a pipe)
/// is written directly.
class ScratchFile {
 public:
  /// Makes the empty file; missing parent folders are created. Errors: the target is a folder, or the system's reason.
  static Result<ScratchFile> make(const fs::path& target);
  ScratchFile(ScratchFile&& other) noexcept : target_(std::move(other.target_)), scratch_(std::move(other.scratch_)) { other.scratch_.clear(); }
  ScratchFile& operator=(ScratchFile&&) = delete;
  ~ScratchFile();  ///< removes what was not renamed
  const fs::path& path() const { return scratch_.empty() ? target_ : scratch_; }
  const fs::path& target() const { return target_; }
  /// Gives the file its name.
  Result<void> rename();

 private:
  ScratchFile(fs::path target, fs::path scratch) : target_(std::move(target)), scratch_(std::move(scratch)) {}
  fs::path target_;
  fs::path scratch_;  // empty: written directly, or renamed
};

}  // namespace cupel::source
