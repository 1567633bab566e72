#pragma once

#include "base/file_handle.h"
#include "base/files.h"
#include "base/result.h"
#include "registry/registry.h"

namespace cupel::registry {

/// What leaves the registry (a copy, an export) is made in a private folder beside its target and appears whole under its name. The folder is
/// locked while its maker lives; what a killed one left goes when the same target is next written.
class Leaving {
 public:
  static Result<Leaving> make(const fs::path& target);
  Leaving(Leaving&&) noexcept = default;
  const fs::path& folder() const { return scratch_.path(); }

  /// Names the folder itself `target`, which must be new or empty.
  Result<void> finish_folder();
  /// Names the file `name` of the folder `target`, which is replaced.
  Result<void> finish_file(const std::string& name);

 private:
  Leaving(fs::path target, ScratchFolder scratch, std::shared_ptr<const void> lock) : target_(std::move(target)), scratch_(std::move(scratch)), lock_(std::move(lock)) {}
  fs::path target_;
  ScratchFolder scratch_;
  std::shared_ptr<const void> lock_;
};

/// Writes a file whose bytes come in pieces. Parent folders are made.
class PieceFile {
 public:
  static Result<PieceFile> create(const fs::path& path);
  Result<void> write(std::string_view piece) { return write_all(file_.get(), piece, path_); }
  Result<void> finish(Durable durable);

 private:
  PieceFile(fs::path path, FileHandle file) : path_(std::move(path)), file_(std::move(file)) {}
  fs::path path_;
  FileHandle file_;
};

}  // namespace cupel::registry
