#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/files.h"

namespace cupel::flow {

/// What a file or folder holds, by content: neither its place nor its times.
struct Digest {
  std::string kind;    ///< "file" or "folder"
  std::string sha256;  ///< of a folder: over the sorted relative paths and digests of all that it holds
  std::uint64_t bytes = 0;
  std::uint64_t files = 1;
};

/// Takes digests and remembers them for as long as size, times and inode of the file stay as they were.
class Digester {
 public:
  /// Follows symbolic links to files; a link to a folder inside a folder counts by its text. Error: missing, unreadable, or neither file nor
  /// folder (a socket, a pipe).
  Result<Digest> of(const fs::path& path);
  /// Forgets what was remembered: the next digest reads the bytes.
  void forget() { known_.clear(); }

  /// What is remembered, as a file of an earlier process that took `text`, for programs that every run looks at. What cannot be read is taken again.
  void load(const fs::path& file);
  std::string text() const;

 private:
  struct Stamp {
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;
    std::uint64_t inode = 0;
    std::uint64_t device = 0;
    std::string sha256;
  };
  Result<Digest> of_file(const fs::path& path);
  Result<Digest> of_folder(const fs::path& path);
  std::map<std::string, Stamp> known_;
};

/// All files matched by a path that may hold `*`, `?` or `[…]`, sorted; a path without these is itself, there or not.
std::vector<fs::path> matching_paths(const fs::path& pattern);

}  // namespace cupel::flow
