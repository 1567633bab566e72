#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "source/read.h"

namespace cupel::source {

/// A Parquet file as a source: a chunk is a row group (so small files are read by one thread), only the wanted columns are read and decoded,
/// text keeps its dictionary where the file has one. Columns of types that are not known here are in the schema as text, and asking for one
/// is an error that names its type. ReadOptions::types may state text for any column and number for integers. The origin has no digest.
Result<std::unique_ptr<table::BatchSource>> open_parquet_file(const std::string& path, const ReadOptions& options);

}  // namespace cupel::source
