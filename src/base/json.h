#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

#include "base/files.h"
#include "base/result.h"

namespace cupel {

/// Keys keep their order, so that the same facts give the same bytes.
using Json = nlohmann::ordered_json;

/// Parses text; refuses nesting deeper than 100 levels. `source` names it in errors: `x.json: byte 17: …`.
Result<Json> parse_json(std::string_view text, std::string_view source);
/// Reads and parses a file of at most `limit_bytes`.
Result<Json> read_json(const fs::path& path, std::uintmax_t limit_bytes = 256u << 20);
/// Two-space indentation, a final newline; invalid UTF-8 is replaced rather than thrown on.
std::string json_text(const Json& value);

/// The value of `key` if it is there and of the wanted type, else an error that names `source` and the key.
Result<std::string> json_string(const Json& object, std::string_view key, std::string_view source);
Result<double> json_number(const Json& object, std::string_view key, std::string_view source);

}  // namespace cupel
