#pragma once

#include "cli/data_options.h"

namespace cupel::cli {

/// A table, or the profile of one (states/profile_source.h): told by the file's first bytes.
Result<std::unique_ptr<table::BatchSource>> open_data_or_profile(const DataOptions& options);

}  // namespace cupel::cli
