#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace cupel::report {

/// Reading of JSON that somebody else wrote: what is absent or of another type is simply not there.

const Json* member(const Json& object, std::string_view key);
/// A finite number.
std::optional<double> number_at(const Json& object, std::string_view key);
/// Text as it is, anything else as short JSON; empty when absent.
std::string text_at(const Json& object, std::string_view key);
/// The list's items, or of an empty list.
const Json& list_at(const Json& object, std::string_view key);
/// The mapping, or an empty one.
const Json& map_at(const Json& object, std::string_view key);

/// Any value as people write it: 0.9502, 23,486, "a, b, … (12 in all)", "from: x; method: y".
std::string words_of(const Json& value, std::size_t width = 300);

}  // namespace cupel::report
