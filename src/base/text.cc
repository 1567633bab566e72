#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace cupel {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known) {
  constexpr std::size_t k_longest_word = 200;  // a suite is somebody else's data: no quadratic work on a megabyte
  if (word.size() > k_longest_word) return std::nullopt;
  const std::string lower = to_lower_ascii(word);
  std::optional<std::string> best;
  std::size_t best_distance = SIZE_MAX;
  for (const std::string& candidate : known) {
    if (candidate.size() > k_longest_word) continue;
    const std::size_t distance = edit_distance(lower, to_lower_ascii(candidate));
    const std::size_t allowed = std::max<std::size_t>(1, std::max(word.size(), candidate.size()) / 3);
    if (distance <= allowed && distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string nearest_note(std::string_view word, std::span<const std::string> known) {
  if (auto near = nearest(word, known)) return fmt::format(" (nearest: '{}')", *near);
  if (known.empty() || known.size() > 24) return {};
  return fmt::format(" (known: {})", join(known, ", "));
}

std::string with_thousands(std::int64_t value) {
  std::string digits = std::to_string(value);
  const std::size_t first = digits[0] == '-' ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "infinity" : "-infinity";
  if (value == std::floor(value) && std::abs(value) < 1e15) return with_thousands(static_cast<std::int64_t>(value));
  const double magnitude = std::abs(value);
  if (magnitude >= 1e15 || magnitude < 1e-4) return fmt::format("{:.6g}", value);
  const int decimals = std::max(0, 5 - static_cast<int>(std::floor(std::log10(magnitude))));
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string whole = text.substr(0, point);
  if (magnitude >= 1000) return with_thousands(std::stoll(whole)) + text.substr(point);
  return text;
}

std::string percent_text(double share) {
  if (!std::isfinite(share)) return number_text(share);
  const double percent = share * 100;
  for (int decimals = 2; decimals <= 8; ++decimals) {
    const std::string text = fmt::format("{:.{}f}", percent, decimals);
    const double shown = std::stod(text);
    if ((percent != 0 && shown == 0) || (percent < 100 && shown >= 100)) continue;
    return text + " %";
  }
  return fmt::format("{:.3g} %", percent);
}

std::string exact_text(double value) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, end.ptr};
}

std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  const char after_sign = text[text[0] == '-' && text.size() > 1 ? 1 : 0];
  if ((after_sign < '0' || after_sign > '9') && after_sign != '.') return std::nullopt;  // "inf", "nan" are text
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view k_space = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(k_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(k_space) - first + 1);
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string all;
  for (const std::string& part : parts) {
    if (!all.empty()) all += separator;
    all += part;
  }
  return all;
}

std::string to_lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  if (from.empty()) return text;
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

std::optional<std::size_t> first_invalid_utf8(std::string_view bytes) {
  const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
  const std::size_t n = bytes.size();
  std::size_t i = 0;
  while (i < n) {
    // Eight ASCII bytes at a time: nearly all real text.
    if (i + 8 <= n) {
      std::uint64_t word = 0;
      __builtin_memcpy(&word, p + i, 8);
      if ((word & 0x8080808080808080ULL) == 0) {
        i += 8;
        continue;
      }
    }
    const unsigned char c = p[i];
    if (c < 0x80) {
      ++i;
      continue;
    }
    std::size_t length = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (c >= 0xC2 && c <= 0xDF) {
      length = 2;
    } else if (c >= 0xE0 && c <= 0xEF) {
      length = 3;
      if (c == 0xE0) low = 0xA0;
      if (c == 0xED) high = 0x9F;
    } else if (c >= 0xF0 && c <= 0xF4) {
      length = 4;
      if (c == 0xF0) low = 0x90;
      if (c == 0xF4) high = 0x8F;
    } else {
      return i;
    }
    if (i + length > n || p[i + 1] < low || p[i + 1] > high) return i;
    for (std::size_t k = 2; k < length; ++k) {
      if ((p[i + k] & 0xC0) != 0x80) return i;
    }
    i += length;
  }
  return std::nullopt;
}

// Eight bytes at a time: a byte that continues a character has its highest bit set and the next one clear.
std::int64_t count_code_points(std::string_view utf8) {
  std::int64_t continuing = 0;
  std::size_t at = 0;
  for (; at + 8 <= utf8.size(); at += 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, utf8.data() + at, 8);
    continuing += std::popcount((bytes >> 7) & ~(bytes >> 6) & 0x0101010101010101u);
  }
  for (; at < utf8.size(); ++at) continuing += (static_cast<unsigned char>(utf8[at]) & 0xC0) == 0x80 ? 1 : 0;
  return static_cast<std::int64_t>(utf8.size()) - continuing;
}

std::string shorten(std::string_view utf8, std::size_t width) {
  // Nearly every text that is shown is short and plain: long lists are made of such.
  if (utf8.size() <= width && std::all_of(utf8.begin(), utf8.end(), [](char c) { return c >= 0x20 && c < 0x7F; })) return std::string(utf8);
  std::string shown;
  std::size_t points = 0;
  std::size_t sound = first_invalid_utf8(utf8).value_or(utf8.size());  // up to here
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    if (i > sound) sound = i + first_invalid_utf8(utf8.substr(i)).value_or(utf8.size() - i);
    const bool stray = i == sound;  // no part of a character
    if ((stray || (c & 0xC0) != 0x80) && ++points > width) return shown + "…";
    if (c == '\n') {
      shown += "\\n";
    } else if (c == '\t') {
      shown += "\\t";
    } else if (c == '\r') {
      shown += "\\r";
    } else if (c < 0x20 || c == 0x7F || stray) {
      shown += fmt::format("\\x{:02x}", c);
    } else if (c == 0xC2 && static_cast<unsigned char>(utf8[i + 1]) < 0xA0) {  // U+0080 to U+009F command a terminal as well
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(utf8[++i]));
    } else {
      shown += utf8[i];
    }
  }
  return shown;
}

}  // namespace cupel
