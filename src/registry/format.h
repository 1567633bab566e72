#pragma once

#include "base/files.h"
#include "base/result.h"
#include "registry/database.h"

namespace cupel::registry {

/// The newest format of registry.db that this program reads and writes.
int newest_format();

/// Makes an empty registry of the newest format. The file appears under its name whole or not at all; when another process was
/// faster its file is left alone.
Result<void> create_database(const fs::path& file);

/// Removes what a `create_database` or an import that was killed left in the folder. Only when no other process is at either.
void sweep_unfinished(const fs::path& folder);

/// Refuses what is not a registry and what a newer program has written. Returns the format found.
Result<int> check_format(Database& database, const fs::path& file);

/// Brings an older registry to the newest format, each step in its own transaction.
Result<void> migrate(Database& database, const fs::path& file);

}  // namespace cupel::registry
