#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "source/write.h"

namespace cupel::source {

/// A Parquet file under exactly this name, to be completed by `finish`; RowWriter::open makes it appear at once.
Result<std::unique_ptr<RowWriter>> write_parquet_file(const std::string& path, const table::Schema& schema);

}  // namespace cupel::source
