#pragma once

#include <cstdint>
#include <span>

#include "base/files.h"
#include "base/result.h"
#include "registry/package.h"

namespace cupel::registry {

/// `x.tar`, `x.tar.gz` or `x.tgz`.
bool is_tar_name(const fs::path& file);

/// Writes the files as a tar archive (pax, compressed by gzip where the name says so), whole or not at all. Equal files give equal bytes: no times, no
/// owners, in the order given.
Result<void> write_tar(const fs::path& file, std::span<const PackageFile> files);

/// What may be in an archive or folder that is taken in.
struct TakeLimits {
  std::uint64_t entries = 2000;
  std::uint64_t file_bytes = 4ull << 30;
  std::uint64_t all_bytes = 8ull << 30;  ///< unpacked: a small archive may not fill the disk
};

/// Unpacks into the folder `into`, which must be empty. Refused: whatever is no plain file or folder (links, devices), paths that are absolute, climb or hold
/// control characters, a path twice, more than the limits; an archive that is cut off or none.
Result<void> read_tar(const fs::path& file, const fs::path& into, const TakeLimits& limits = {});

}  // namespace cupel::registry
