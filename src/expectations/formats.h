#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"
#include "base/yaml.h"

namespace cupel::expectations {

/// The question that `format: email` or `parse_as: integer` asks of a text. Formats: email (WHATWG HTML, one address), url (http, https or ftp
/// with a host), uuid (RFC 4122 text form), ipv4, date (ISO 8601 YYYY-MM-DD, a day that exists), datetime (date, T or space, HH:MM[:SS[.fraction]],
/// optional Z or ±HH:MM), boolean (true, false), integer, number. `predicate` is "format" or "parse_as"; unknown names are errors at `node`.
Result<std::function<bool(std::string_view)>> format_question(std::string_view name, std::string_view predicate, const yaml::Node& node);

}  // namespace cupel::expectations
