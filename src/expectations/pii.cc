#include "expectations/pii.h"

#include <re2/re2.h>

#include <algorithm>

#include "expectations/ascii_internal.h"
#include "expectations/formats_internal.h"

namespace cupel::expectations {
namespace {

/// Is this byte part of a word (ASCII letter or digit, or any character beyond ASCII)?
bool is_word_byte(char c) { return ascii::is_alphanumeric(c) || static_cast<unsigned char>(c) >= 0x80; }

bool stands_alone(std::string_view text, std::size_t begin, std::size_t end, std::string_view not_beside) {
  const auto touches = [&](char c) { return is_word_byte(c) || not_beside.find(c) != std::string_view::npos; };
  return (begin == 0 || !touches(text[begin - 1])) && (end == text.size() || !touches(text[end]));
}

/// Asks every match of the pattern, overlapping ones too: the next search begins one byte behind the start of the last.
template <typename Accept>
bool any_match(std::string_view text, const RE2& pattern, Accept&& accept) {
  const re2::StringPiece all(text.data(), text.size());
  re2::StringPiece match;
  for (std::size_t from = 0; from < text.size() && pattern.Match(all, from, text.size(), RE2::UNANCHORED, &match, 1);) {
    const auto begin = static_cast<std::size_t>(match.data() - text.data());
    if (accept(text.substr(begin, match.size()), begin, begin + match.size())) return true;
    // Inside a run of digits or letters no other candidate stands alone.
    from = begin + 1;
    while (from < text.size() && is_word_byte(text[from]) && is_word_byte(text[from - 1])) ++from;
  }
  return false;
}

bool has_digits(std::string_view text, std::ptrdiff_t at_least) { return std::count_if(text.begin(), text.end(), ascii::is_digit) >= at_least; }

bool holds_email(std::string_view text) {
  if (text.find('@') == std::string_view::npos) return false;
  static const RE2 k_pattern(R"([A-Za-z0-9!#$%&'*+/=?^_{|}~.-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)");
  return any_match(text, k_pattern, [&](std::string_view match, std::size_t, std::size_t) {
    while (!match.empty() && !ascii::is_alphanumeric(match.front())) match.remove_prefix(1);
    while (match.ends_with('-')) match.remove_suffix(1);
    return is_email(match);
  });
}

bool holds_credit_card(std::string_view text) {
  if (!has_digits(text, 12)) return false;
  static const RE2 k_pattern(R"([0-9](?:[ -]?[0-9]){11,18})");
  return any_match(text, k_pattern, [&](std::string_view match, std::size_t begin, std::size_t end) { return stands_alone(text, begin, end, "-") && is_credit_card(match); });
}

bool holds_ssn(std::string_view text) {
  if (!has_digits(text, 9)) return false;
  static const RE2 k_pattern(R"([0-9]{3}-[0-9]{2}-[0-9]{4})");
  return any_match(text, k_pattern, [&](std::string_view match, std::size_t begin, std::size_t end) { return stands_alone(text, begin, end, "-") && is_ssn(match); });
}

bool holds_iban(std::string_view text) {
  if (!has_digits(text, 8)) return false;
  static const RE2 k_pattern(R"([A-Z]{2}[0-9]{2} ?[A-Z0-9]{4})");
  return any_match(text, k_pattern, [&](std::string_view, std::size_t begin, std::size_t) {
    if (begin > 0 && is_word_byte(text[begin - 1])) return false;
    char compact[34];
    std::size_t size = 0;
    for (std::size_t at = begin; at < text.size() && size < sizeof compact; ++at) {
      if (text[at] == ' ' && at > begin && text[at - 1] != ' ') continue;
      if (!ascii::is_digit(text[at]) && !ascii::is_upper(text[at])) break;
      compact[size++] = text[at];
      const bool ends = at + 1 == text.size() || !is_word_byte(text[at + 1]);
      if (ends && size >= 15 && is_iban({compact, size})) return true;
    }
    return false;
  });
}

bool holds_ip(std::string_view text) {
  const bool dots = std::count(text.begin(), text.end(), '.') >= 3;
  const bool colons = std::count(text.begin(), text.end(), ':') >= 2;
  static const RE2 k_four(R"([0-9]{1,3}(?:\.[0-9]{1,3}){3})");
  static const RE2 k_six(R"((?i)[0-9a-f]{1,4}:[0-9a-f:]*:[0-9a-f:]*[0-9a-f]|[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*::)");
  if (dots && any_match(text, k_four, [&](std::string_view match, std::size_t begin, std::size_t end) {
        const bool decimal_follows = end + 1 < text.size() && text[end] == '.' && ascii::is_digit(text[end + 1]);
        return stands_alone(text, begin, end, "-/:") && (begin == 0 || text[begin - 1] != '.') && !decimal_follows && is_ipv4(match);
      })) {
    return true;
  }
  // Times such as 12:30:45 are no addresses: one group must be written with a letter or more than two digits, or the form be shortened.
  return colons && any_match(text, k_six, [&](std::string_view match, std::size_t begin, std::size_t end) { return stands_alone(text, begin, end, ":.") && is_ipv6(match); });
}

bool holds_phone(std::string_view text) {
  if (!has_digits(text, 7)) return false;
  static const RE2 k_international(R"(\+[0-9](?:[ ().\/-]{0,2}[0-9]){6,14})");
  static const RE2 k_american(R"((?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[-. ])[2-9][0-9]{2}[-. ][0-9]{4})");
  if (any_match(text, k_international, [&](std::string_view match, std::size_t begin, std::size_t end) { return stands_alone(text, begin, end, "+") && is_phone(match); })) return true;
  return any_match(text, k_american, [&](std::string_view, std::size_t begin, std::size_t end) { return stands_alone(text, begin, end, "-+$"); });
}

}  // namespace

const std::vector<PiiKind>& pii_kinds() {
  static const std::vector<PiiKind> k_kinds = {{"credit_card", holds_credit_card}, {"email", holds_email}, {"iban", holds_iban},
                                               {"ip", holds_ip},                   {"phone", holds_phone}, {"ssn", holds_ssn}};
  return k_kinds;
}

bool has_pii(std::string_view text, const std::vector<PiiKind>& wanted) {
  // Every kind has a digit or an at sign.
  if (text.find_first_of("0123456789@") == std::string_view::npos) return false;
  return std::any_of(wanted.begin(), wanted.end(), [&](const PiiKind& kind) { return kind.found(text); });
}

std::string pii_in(std::string_view text, const std::vector<PiiKind>& wanted) {
  std::string names;
  for (const PiiKind& kind : wanted) {
    if (kind.found(text)) names += (names.empty() ? "" : ", ") + std::string(kind.name);
  }
  return names;
}

}  // namespace cupel::expectations
