#pragma once

#include <string>

#include "source/fetch.h"

namespace cupel::source {

/// `fetch` of fetch.h, in the module.
Result<Fetched> fetch_url(const std::string& address, const FetchOptions& options);

}  // namespace cupel::source
