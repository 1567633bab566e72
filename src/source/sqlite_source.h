#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "source/read.h"

namespace cupel::source {

/// `open_sqlite` of load_database.h, in the module.
Result<std::unique_ptr<table::BatchSource>> open_sqlite_file(const std::string& path, const std::string& shown, const ReadOptions& options);

}  // namespace cupel::source
