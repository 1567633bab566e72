#pragma once

#include "base/files.h"
#include "base/result.h"

namespace cupel::source {

/// Does the file begin as a zip archive?
bool is_zip(const fs::path& file);
/// Writes the one file of an archive to `to`, its checksum verified. Errors: more than one file (named), or none; damaged.
Result<void> unzip_one(const fs::path& archive, const fs::path& to);

}  // namespace cupel::source
