#include "table/text_changes.h"

#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace cupel::table {
namespace {

std::string to_utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

icu::UnicodeString from_utf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

constexpr std::array<std::string_view, 26> k_neighbours = {
    "qwsz", "vghn", "xdfv", "serfcx", "wsdr", "drtgvc", "ftyhbv", "gyujnb", "ujko", "huikmn", "jiolm", "kop",  "njk",
    "bhjm", "iklp", "ol",   "wa",     "edft", "awedxz", "rfgy",   "yhji",   "cfgb", "qase",   "zsdc",  "tghu", "asx"};

std::string neighbour_key(std::string_view character, Random& random) {
  const char byte = character.size() == 1 ? character[0] : '\0';
  const char lower = byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
  if (lower >= '0' && lower <= '9') return std::string(1, static_cast<char>('0' + random.below(10)));
  const std::string_view keys =
      lower >= 'a' && lower <= 'z' ? k_neighbours[static_cast<std::size_t>(lower - 'a')] : "abcdefghijklmnopqrstuvwxyz";
  const char key = keys[random.below(keys.size())];
  return std::string(1, byte != lower ? static_cast<char>(key - 'a' + 'A') : key);
}

bool is_punctuation(char byte) {
  return (byte >= '!' && byte <= '/') || (byte >= ':' && byte <= '@') || (byte >= '[' && byte <= '`') || (byte >= '{' && byte <= '~');
}

/// Windows-1252 beyond Latin-1: code points of the bytes 0x80 to 0x9F (unassigned ones stay control characters).
constexpr std::array<char16_t, 32> k_windows_1252 = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                                     0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                                     0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

bool is_space(char byte) { return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r'; }

}  // namespace

std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    out.push_back(text.substr(i, size));
    i += size;
  }
  return out;
}

std::string upper_case(std::string_view text) { return to_utf8(from_utf8(text).toUpper(icu::Locale::getRoot())); }
std::string lower_case(std::string_view text) { return to_utf8(from_utf8(text).toLower(icu::Locale::getRoot())); }

std::string title_case(std::string_view text) {
  std::string out;
  bool starts_word = true;
  const std::string lower = lower_case(text);
  for (const std::string_view character : characters(lower)) {
    const bool is_letter = character.size() > 1 || !(is_space(character[0]) || is_punctuation(character[0]));
    out += starts_word && is_letter ? upper_case(character) : std::string(character);
    starts_word = !is_letter && character != "'";
  }
  return out;
}

std::string with_typos(std::string_view text, double rate, Random& random) {
  const std::vector<std::string_view> in = characters(text);
  std::string out;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (is_space(in[i][0]) || random.uniform() >= rate) {
      out += in[i];
      continue;
    }
    const double kind = random.uniform();
    if (kind < 0.5) {
      out += neighbour_key(in[i], random);
    } else if (kind < 0.7) {
      out += in[i];
      out += neighbour_key(in[i], random);
    } else if (kind >= 0.9 && i + 1 < in.size()) {
      out += in[i + 1];
      out += in[i];
      ++i;
    }
  }
  return out;
}

std::string without_punctuation(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), [](char byte) { return !is_punctuation(byte); });
  return out;
}

std::string with_extra_spaces(std::string_view text) {
  std::string out = " ";
  for (const char byte : text) {
    out += byte;
    if (byte == ' ') out += ' ';
  }
  return out + " ";
}

std::string mojibake(std::string_view text) {
  std::string typographic;
  bool opening = true;
  for (const char byte : text) {
    if (byte == '\'') {
      typographic += "\u2019";
    } else if (byte == '"') {
      typographic += opening ? "\u201C" : "\u201D";
      opening = !opening;
    } else {
      typographic += byte;
    }
  }
  icu::UnicodeString wrong;
  for (const char byte : typographic) {
    const auto code = static_cast<unsigned char>(byte);
    wrong.append(code >= 0x80 && code < 0xA0 ? k_windows_1252[code - 0x80u] : static_cast<char16_t>(code));
  }
  return to_utf8(wrong);
}

std::string without_last_words(std::string_view text, double share) {
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_space(text[i]) && (i + 1 == text.size() || is_space(text[i + 1]))) ends.push_back(i + 1);
  }
  if (ends.empty()) return std::string(text);
  const auto lost = std::max<std::size_t>(1, static_cast<std::size_t>(std::llround(share * static_cast<double>(ends.size()))));
  return lost >= ends.size() ? std::string() : std::string(text.substr(0, ends[ends.size() - lost - 1]));
}

}  // namespace cupel::table
