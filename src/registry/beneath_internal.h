#pragma once

#include <cstdint>
#include <string>

#include "base/file_handle.h"
#include "base/files.h"
#include "base/result.h"
#include "registry/blobs.h"

namespace cupel::registry {

/// Opens folder/path (checked by check_file_path), a file in a folder that somebody else made, part by part, so that no way leads out of it: no symbolic link is followed, not even one that is swapped in meanwhile.
/// Does not wait for a named pipe.
Result<void> open_beneath(const fs::path& folder, const std::string& path, FileHandle& file);

/// Size of a regular file; anything else is refused, and on request one that has other names.
Result<std::uint64_t> regular_size(int fd, const fs::path& path, HardLinks hard_links = HardLinks::allow);

/// The bytes of folder/path, a regular file of one name and at most `limit_bytes`.
Result<std::string> read_beneath(const fs::path& folder, const std::string& path, std::uint64_t limit_bytes);

}  // namespace cupel::registry
