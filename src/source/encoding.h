#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cupel::source {

enum class Encoding { utf8, latin1, windows1252, utf16le, utf16be };

/// By name, in any case: `utf-8`, `latin1`, `iso-8859-1`, `windows-1252`, `cp1252`, `utf-16` (by the byte order mark of `bytes`, little
/// endian without one), `utf-16le`, `utf-16be`. Errors name the nearest.
Result<Encoding> parse_encoding(std::string_view name, std::string_view bytes);

/// UTF-16 by its byte order mark, else UTF-8.
Encoding detect_encoding(std::string_view bytes);
std::string_view encoding_name(Encoding encoding);

/// The text in UTF-8, without a byte order mark; nothing to convert for utf8. Latin-1 knows every byte; the five bytes that Windows-1252
/// leaves open become the control characters of the same number, as browsers read them. Errors: an odd number of bytes or a lone
/// surrogate in UTF-16, with its byte offset.
Result<std::string> to_utf8(std::string_view bytes, Encoding encoding, const std::string& path);

}  // namespace cupel::source
