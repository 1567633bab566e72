#include "report/html_text.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "base/text.h"

namespace cupel::report {
namespace {

constexpr std::string_view k_replacement = "\xEF\xBF\xBD";

/// U+202A..U+202E and U+2066..U+2069: they reorder what stands around them.
bool turns_direction(std::string_view utf8) {
  return utf8.size() == 3 && utf8[0] == '\xE2' &&
         ((utf8[1] == '\x80' && utf8[2] >= '\xAA' && utf8[2] <= '\xAE') || (utf8[1] == '\x81' && utf8[2] >= '\xA6' && utf8[2] <= '\xA9'));
}

void append_ascii(std::string& bytes, char c) {
  switch (c) {
    case '&': bytes += "&amp;"; return;
    case '<': bytes += "&lt;"; return;
    case '>': bytes += "&gt;"; return;
    case '"': bytes += "&quot;"; return;
    case '\'': bytes += "&#39;"; return;
    case '\n': bytes += "\xE2\x86\xB5"; return;  // ↵
    case '\t': bytes += ' '; return;
    default: break;
  }
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
    bytes += "\xE2\x90\xA3";  // ␣
  } else {
    bytes += c;
  }
}

std::size_t sequence_length(unsigned char lead) { return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4; }

}  // namespace

Html& Html::operator<<(std::string_view untrusted) {
  while (!untrusted.empty()) {
    const std::string_view sound = untrusted.substr(0, first_invalid_utf8(untrusted).value_or(untrusted.size()));
    for (std::size_t i = 0; i < sound.size();) {
      const std::size_t length = sequence_length(static_cast<unsigned char>(sound[i]));
      const std::string_view character = sound.substr(i, length);
      if (length == 1) {
        append_ascii(bytes_, sound[i]);
      } else if (turns_direction(character)) {
        bytes_ += k_replacement;
      } else {
        bytes_ += character;
      }
      i += length;
    }
    untrusted.remove_prefix(sound.size());
    if (untrusted.empty()) break;
    bytes_ += k_replacement;
    untrusted.remove_prefix(1);
  }
  return *this;
}

Html& Html::operator<<(std::int64_t number) {
  bytes_ += std::to_string(number);
  return *this;
}

Html& Html::operator<<(double coordinate) {
  const long long hundredths = std::llround(coordinate * 100);
  bytes_ += fmt::format("{}{}", hundredths < 0 ? "-" : "", std::llabs(hundredths) / 100);
  const long long rest = std::llabs(hundredths) % 100;
  if (rest != 0) bytes_ += rest % 10 == 0 ? fmt::format(".{}", rest / 10) : fmt::format(".{:02}", rest);
  return *this;
}

Html shortened(std::string_view text, std::size_t width) {
  std::string flowing(trim(text.substr(0, 8 * width)));  // what is cut anyway need not be read; 4 bytes a code point at most
  for (char& c : flowing) {
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
  }
  Html html;
  html << std::string_view(shorten(flowing, width));
  return html;
}

}  // namespace cupel::report
