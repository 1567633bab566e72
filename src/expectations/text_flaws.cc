#include "expectations/text_flaws.h"

#include <re2/re2.h>
#include <unicode/normalizer2.h>

#include <algorithm>

#include "expectations/ascii_internal.h"
#include "expectations/characters.h"
#include "expectations/code_points_internal.h"

namespace cupel::expectations {
namespace {

bool finds(const RE2& pattern, std::string_view text) { return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern); }

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_joiner(char32_t c) { return c == 0x200C || c == 0x200D; }

bool is_invisible(char32_t c) {
  return c == 0xAD || c == 0x34F || c == 0x61C || c == 0x115F || c == 0x1160 || c == 0x180E || c == 0x200B || c == 0x200E || c == 0x200F ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0x3164 || c == 0xFEFF || c == 0xFFA0;
}

/// The byte that windows-1252 (or latin-1, for those that it lacks) reads as this character; 0: none beyond ASCII.
unsigned byte_read_as(char32_t c) {
  if (c >= 0x80 && c <= 0xFF) return c;
  // windows-1252, bytes 80 to 9F; 0 where it has no character.
  static constexpr char16_t k_windows[] = {0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
                                           0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178};
  for (unsigned i = 0; i < 32; ++i) {
    if (k_windows[i] != 0 && k_windows[i] == c) return 0x80 + i;
  }
  return 0;
}

/// Characters that stand behind a letter in good writing: closing quotes, dashes, ellipsis, no-break space.
bool follows_letters(char32_t c) {
  return c == 0xA0 || c == 0xAB || c == 0xBB || (c >= 0x2013 && c <= 0x201D && c != 0x201A) || c == 0x2026 || c == 0x203A;
}

/// What stands at `at` as UTF-8 that was read byte by byte.
struct Misread {
  std::size_t bytes = 0;  ///< of the text; 0: it is not
  bool certain = false;   ///< no good writing has these characters side by side
};

Misread misread_at(std::string_view text, std::size_t at) {
  const CodePoint lead = code_point_at(text, at);
  const unsigned first = byte_read_as(lead.value);
  const std::size_t tails = first >= 0xC2 && first < 0xE0 ? 1 : first >= 0xE0 && first < 0xF0 ? 2 : first >= 0xF0 && first < 0xF5 ? 3 : 0;
  if (tails == 0) return {};
  Misread found{lead.bytes, false};
  char bytes[4] = {static_cast<char>(first)};
  bool all_follow = true;
  bool c1_control = false;
  for (std::size_t i = 1; i <= tails; ++i) {
    if (at + found.bytes >= text.size()) return {};
    const CodePoint tail = code_point_at(text, at + found.bytes);
    const unsigned byte = byte_read_as(tail.value);
    if (byte < 0x80 || byte > 0xBF) return {};
    bytes[i] = static_cast<char>(byte);
    all_follow = all_follow && follows_letters(tail.value);
    c1_control = c1_control || (tail.value >= 0x80 && tail.value < 0xA0);
    found.bytes += tail.bytes;
  }
  const CodePoint meant = code_point_at({bytes, tails + 1}, 0);
  if (meant.bytes != tails + 1) return {};
  // Â and Ã before anything but closing punctuation; before a no-break space they are nearly always a broken space or à.
  const bool latin = first >= 0xC2 && first <= 0xC5 && (!all_follow || ((first == 0xC2 || first == 0xC3) && text.substr(at + lead.bytes, 2) == "\u00A0"));
  // â€™ and its like: a euro sign or a low quote right behind a letter.
  const bool punctuation = first == 0xE2 && (bytes[1] == '\x80' || bytes[1] == '\x82' || bytes[1] == '\x84');
  found.certain = latin || punctuation || c1_control || (tails == 3 && !all_follow);
  return found;
}

/// "appliquã©": what was misread and then put in lower case. In good writing â and ã have no symbol of latin-1 right
/// behind them, and â no no-break space.
bool is_lowered_misread(std::string_view text, std::size_t at) {
  const char32_t lead = code_point_at(text, at).value;
  if ((lead != 0xE2 && lead != 0xE3) || at + 2 >= text.size()) return false;
  const char32_t next = code_point_at(text, at + 2).value;
  return next >= (lead == 0xE2 ? 0xA0 : 0xA1) && next <= 0xBF && next != 0xAB && next != 0xBB;
}

}  // namespace

bool has_control_characters(std::string_view text) {
  return !every_code_point(text, [](char32_t c) { return (c >= 0x20 && c < 0x7F) || c > 0x9F || c == '\t' || c == '\n' || c == '\r'; });
}

bool has_html(std::string_view text) {
  if (text.find_first_of("<&") == std::string_view::npos) return false;
  static const RE2 k_pattern(
      R"((?i)</?(?:a|abbr|address|article|aside|audio|b|base|blockquote|body|br|button|canvas|caption|center|cite|code|col|colgroup|dd|del|details|div|dl|dt|em|embed|fieldset|figcaption|figure|font|footer|form|frame|frameset|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|legend|li|link|main|map|mark|meta|nav|noscript|object|ol|optgroup|option|p|param|picture|pre|q|s|samp|script|section|select|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|time|title|tr|track|tt|u|ul|var|video|wbr)(?:\s[^<>]*)?/?>|<!--|<!doctype\b|&(?:amp|lt|gt|quot|apos|nbsp|copy|reg|trade|hellip|[mn]dash|[lr][sd]quo|[bs]bquo|bull|middot|euro|pound|yen|cent|sect|deg|para|times|divide|[lr]aquo|frac(?:12|14|34)|szlig|eth|thorn|iexcl|iquest|[a-z](?:acute|grave|circ|tilde|uml|cedil|slash|ring|caron)|(?:ae|oe)lig|#\d{1,7}|#x[0-9a-f]{1,6});)");
  return finds(k_pattern, text);
}

bool has_invisible_characters(std::string_view text) {
  if (is_ascii(text)) return false;
  char32_t before = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    at += point.bytes;
    if (is_invisible(point.value)) return true;
    if (is_joiner(point.value) && (before < 0x80 || at == text.size() || code_point_at(text, at).value < 0x80)) return true;
    before = point.value;
  }
  return false;
}

bool has_mojibake(std::string_view text) {
  if (is_ascii(text)) return false;
  bool after_misread = false;  // two side by side are certain together: "Ð¿Ñ€", "ä½ å¥½"
  for (std::size_t at = 0; at < text.size();) {
    const Misread found = misread_at(text, at);
    if (found.certain || (found.bytes > 0 && after_misread) || is_lowered_misread(text, at)) return true;
    after_misread = found.bytes > 0;
    at += found.bytes > 0 ? found.bytes : code_point_at(text, at).bytes;
  }
  return false;
}

bool has_replacement_characters(std::string_view text) { return text.find("\uFFFD") != std::string_view::npos; }

bool is_unnormalized(std::string_view text) {
  if (is_ascii(text)) return false;
  UErrorCode error = U_ZERO_ERROR;
  static const icu::Normalizer2* const k_nfc = icu::Normalizer2::getNFCInstance(error);
  const bool normalized = k_nfc == nullptr || k_nfc->isNormalizedUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), error) != 0;
  return !normalized && U_SUCCESS(error);
}

bool has_unusual_spaces(std::string_view text) {
  return !every_code_point(text, [](char32_t c) { return !is_white_space(c) || c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
}

bool is_untrimmed(std::string_view text) {
  if (text.empty()) return false;
  if (is_white_space(code_point_at(text, 0).value)) return true;
  std::size_t last = text.size() - 1;
  while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0u) == 0x80u) --last;
  return is_white_space(code_point_at(text, last).value);
}

bool has_urls(std::string_view text) {
  if (text.find("://") == std::string_view::npos && text.find("ww.") == std::string_view::npos && text.find("WW.") == std::string_view::npos) return false;
  static const RE2 k_pattern(R"((?i)\b(?:https?|ftp)://[^\s<>"]|\bwww\.[a-z0-9-]+\.[a-z]{2,})");
  return finds(k_pattern, text);
}

bool is_special_only(std::string_view text) {
  bool any = false;
  const bool no_word = every_code_point(text, [&](char32_t c) {
    any = any || !is_white_space(c);
    return !is_word_character(c);
  });
  return no_word && any;
}

}  // namespace cupel::expectations
