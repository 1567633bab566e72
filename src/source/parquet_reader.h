#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "source/read.h"

namespace cupel::source {

/// A Parquet file as a source. A chunk is a row group, or a piece of one in a file of few row groups; only the wanted columns are read and
/// decoded, a batch at a time, and text keeps its dictionary wherever the file has one. Columns of types that are not known here are in the
/// schema as text, and asking for one is an error that names its type. ReadOptions::types may state text for any column and number for
/// integers. `bytes` must outlive the source. The origin has no digest.
Result<std::unique_ptr<table::BatchSource>> open_parquet_file(std::string_view bytes, const std::string& path, const ReadOptions& options);

}  // namespace cupel::source
