#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace cupel::source {

/// Facts about an input for people, joined by "; ". An empty one changes nothing.
void add_note(std::string& note, std::string_view fact);

/// The first line of `path.origin`, a file of at most 4 KiB that tells a fact about the file beside it, such as that it was generated.
/// Empty when there is none.
Result<std::string> fact_beside(const std::string& path);

}  // namespace cupel::source
