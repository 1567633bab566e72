#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "source/file_bytes.h"
#include "source/json_records.h"
#include "source/read.h"
#include "table/batch.h"

namespace cupel::source {

/// JSON Lines, or one array of objects, as a source; see open_source. All records are checked here, so types are final from the beginning.
Result<std::unique_ptr<table::BatchSource>> open_jsonl(FileBytes file, const std::string& path, JsonRecords::Form form,
                                                       const ReadOptions& options);

}  // namespace cupel::source
