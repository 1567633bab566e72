#pragma once

#include <memory>
#include <string>

#include "source/write.h"

namespace cupel::source {

/// The CSV form of RowWriter; see there.
Result<std::unique_ptr<RowWriter>> write_csv(const std::string& path, const table::Schema& schema);

}  // namespace cupel::source
