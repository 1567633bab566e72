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

/// Turns bytes into UTF-8 part by part, without a byte order mark. Latin-1 knows every byte; the five bytes that Windows-1252 leaves open
/// become the control characters of the same number, as browsers read them. Errors: an odd number of bytes or half a surrogate pair in
/// UTF-16, with its byte offset.
class Recoder {
 public:
  Recoder(Encoding encoding, std::string path) : encoding_(encoding), path_(std::move(path)) {}
  /// Appends what the next bytes say to `out`; a character may end in the bytes after them.
  Result<void> append(std::string_view bytes, std::string& out);
  /// Nothing follows.
  Result<void> finish();

 private:
  Result<void> append_utf16(std::string_view bytes, std::string& out);

  Encoding encoding_;
  std::string path_;
  std::size_t taken_ = 0;  // bytes
  std::string rest_;       // of UTF-16: the bytes of a character that is not complete
};

/// The whole text in UTF-8.
Result<std::string> to_utf8(std::string_view bytes, Encoding encoding, const std::string& path);

}  // namespace cupel::source
