#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace cupel::table {

enum class Case { sensitive, ignored };

/// A pattern from a suite, which is data from somebody else: RE2 runs in time linear in the text whatever the pattern, and a pattern whose
/// program would take more than 4 MiB is refused, as is one of more than 16 KiB. Errors name the pattern and what is wrong with it.
Result<std::shared_ptr<const re2::RE2>> regular_expression(std::string_view pattern, Case letters);

}  // namespace cupel::table
