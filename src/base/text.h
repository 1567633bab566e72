#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cupel {

/// The known word with the smallest edit distance (Damerau-Levenshtein, case ignored), if it is near enough to be a
/// misspelling (at most a third of the longer word). Ties: the first in `known`.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

/// ` (nearest: 'mean')` or, when nothing is near and the list is short, ` (known: a, b, c)`; else empty.
std::string nearest_note(std::string_view word, std::span<const std::string> known);

/// 23486 -> "23,486".
std::string with_thousands(std::int64_t value);

/// Six significant digits, thousands separated, no trailing zeros: for people.
std::string number_text(double value);

/// 0.0360 -> "3.60 %"; keeps enough digits that a nonzero share never prints as 0 and one below 1 never as 100.
std::string percent_text(double share);

/// Shortest text that parses back to the same double: for machines.
std::string exact_text(double value);

/// Whole text as a finite or infinite number ("1e3", "-2.5"); nothing on leftovers, spaces or overflow of syntax.
std::optional<double> parse_number(std::string_view text);
/// Whole text as a signed 64-bit integer.
std::optional<std::int64_t> parse_integer(std::string_view text);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
std::string join(std::span<const std::string> parts, std::string_view separator);
std::string to_lower_ascii(std::string_view text);
std::string replace_all(std::string text, std::string_view from, std::string_view to);

/// Offset of the first byte that is not part of well-formed UTF-8 (RFC 3629), or nothing.
std::optional<std::size_t> first_invalid_utf8(std::string_view bytes);
/// Number of Unicode code points of well-formed UTF-8.
std::int64_t count_code_points(std::string_view utf8);

/// At most `width` code points, the rest replaced by an ellipsis; control characters, those of C1 too, and bytes that are not UTF-8 made visible.
std::string shorten(std::string_view utf8, std::size_t width);

}  // namespace cupel
