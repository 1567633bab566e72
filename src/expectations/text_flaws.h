#pragma once

#include <string_view>

namespace cupel::expectations {

// What may be wrong with a text; each has its page under tests/subjects. All answer in one pass without an allocation.

/// Cc but tab, line feed and carriage return (U+0000–U+001F, U+007F–U+009F).
bool has_control_characters(std::string_view text);
/// A tag of an HTML element, a comment, or a character reference (&amp; &eacute; &#39; &#x27;).
bool has_html(std::string_view text);
/// Characters without width: zero-width space and joiners, directional marks and overrides, soft hyphen, byte order mark, fillers. A joiner
/// between characters beyond ASCII is part of the writing (Persian, Indic, emoji) and does not count.
bool has_invisible_characters(std::string_view text);
/// UTF-8 that was read as windows-1252 or latin-1: "CafÃ©", "donâ€™t". See the page for what counts.
bool has_mojibake(std::string_view text);
/// U+FFFD: a byte that somebody could not decode.
bool has_replacement_characters(std::string_view text);
/// Not in Unicode's normalization form C (UAX #15).
bool is_unnormalized(std::string_view text);
/// White space other than space, tab, line feed and carriage return: no-break, thin, ideographic spaces, line separators …
bool has_unusual_spaces(std::string_view text);
/// White space at the beginning or at the end.
bool is_untrimmed(std::string_view text);
/// A web address: http, https or ftp with "://", or "www." and a domain.
bool has_urls(std::string_view text);
/// At least one character that is no white space, but not one letter or digit: "---", "???".
bool is_special_only(std::string_view text);

}  // namespace cupel::expectations
