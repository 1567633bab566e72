#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "source/file_bytes.h"
#include "source/read.h"
#include "table/batch.h"

namespace cupel::source {

/// A CSV or TSV file as a source; see open_source for what is read and refused. `file` is what was opened under `path`.
Result<std::unique_ptr<table::BatchSource>> open_csv(FileBytes file, const std::string& path, const ReadOptions& options);

}  // namespace cupel::source
