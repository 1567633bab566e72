#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "source/read.h"

namespace cupel::source {

/// An Arrow IPC file (also Feather version 2) or stream as a source. A chunk is a record batch; only the wanted columns are read. Buffers
/// may be compressed. Every batch is checked before it is shown. Types as for Parquet. `bytes` must outlive the source. The origin has no
/// digest.
Result<std::unique_ptr<table::BatchSource>> open_ipc_file(std::string_view bytes, const std::string& path, const ReadOptions& options);

}  // namespace cupel::source
