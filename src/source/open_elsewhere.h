#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "source/read.h"
#include "table/batch.h"

namespace cupel::source {

/// Opens what is not a table file on this machine; a null pointer where `path` is a plain path for open_source to go on with.
///
/// - An address of fetch.h: fetched, then opened as any file. Messages and the origin name the address (without its secrets), not the copy.
/// - `postgresql://…` and `postgres://…`: see load_database.h.
/// - `sqlite:///PATH` (an absolute path; `sqlite:PATH` a relative one) and any file that begins as an SQLite database.
///
/// Errors: an unknown scheme (nearest named), ReadOptions::query or ::table for what is no database.
Result<std::unique_ptr<table::BatchSource>> open_elsewhere(const std::string& path, const ReadOptions& options);

}  // namespace cupel::source
