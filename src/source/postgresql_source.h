#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "source/read.h"

namespace cupel::source {

/// `open_postgresql` of load_database.h, in the module.
Result<std::unique_ptr<table::BatchSource>> open_postgresql_rows(const std::string& address, const std::string& shown,
                                                                 const ReadOptions& options);

}  // namespace cupel::source
