#include "expectations/text_words.h"

#include <unicode/uchar.h>

#include "base/hash.h"
#include "expectations/characters.h"
#include "expectations/code_points_internal.h"
#include "expectations/row_tests.h"

namespace cupel::expectations {
namespace {

void append_utf8(std::string& out, char32_t c) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

void append_folded(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  } else {
    append_utf8(out, static_cast<char32_t>(u_foldCase(static_cast<UChar32>(c), U_FOLD_CASE_DEFAULT)));
  }
}

bool is_apostrophe(char32_t c) { return c == '\'' || c == 0x2019; }

/// Calls `take(word)` for every word to look up.
template <typename Take>
void for_each_word(std::string_view text, Take&& take) {
  thread_local std::string word;  // one buffer a thread, not one a row
  word.clear();
  const auto finish = [&] {
    while (word.ends_with('\'')) word.pop_back();
    if (!word.empty()) take(std::string_view(word));
    word.clear();
  };
  every_code_point(text, [&](char32_t c) {
    if (is_word_character(c)) {
      append_folded(word, c);
    } else if (is_apostrophe(c) && !word.empty()) {
      word += '\'';
    } else {
      finish();
    }
    return true;
  });
  finish();
}

enum class Ending { none, before_space, anywhere };

Ending ending_of(char32_t c) {
  if (c == '.' || c == '!' || c == '?' || c == 0x2026 || c == 0x061F || c == 0x0964) return Ending::before_space;
  return c == 0x3002 || c == 0xFF01 || c == 0xFF1F ? Ending::anywhere : Ending::none;
}

bool closes(char32_t c) { return c == '"' || c == '\'' || c == ')' || c == ']' || c == 0x2019 || c == 0x201D || c == 0xBB; }

}  // namespace

double count_sentences(std::string_view text) {
  int sentences = 0;
  bool open = false;    // a letter or digit since the last end
  bool ending = false;  // a terminator, and nothing but closing marks since
  every_code_point(text, [&](char32_t c) {
    const Ending end = ending_of(c);
    if (end == Ending::before_space) {
      ending = open;
    } else if (end == Ending::anywhere || (ending && is_white_space(c))) {
      sentences += open ? 1 : 0;
      open = ending = false;
    } else if (!closes(c)) {
      ending = false;
      open = open || is_word_character(c);
    }
    return true;
  });
  return sentences + (open ? 1 : 0);
}

double average_word_length(std::string_view text) {
  const std::int64_t words = count_words(text);
  if (words == 0) return 0;
  std::int64_t characters = 0;
  every_code_point(text, [&](char32_t c) {
    characters += is_word_character(c) ? 1 : 0;
    return true;
  });
  return static_cast<double>(characters) / static_cast<double>(words);
}

void Vocabulary::add(std::string_view text) {
  for_each_word(text, [&](std::string_view word) { words_.emplace(word); });
}

double Vocabulary::unknown_share(std::string_view text) const {
  std::int64_t words = 0;
  std::int64_t unknown = 0;
  for_each_word(text, [&](std::string_view word) {
    ++words;
    unknown += words_.contains(word) ? 0 : 1;
  });
  return words == 0 ? 0 : static_cast<double>(unknown) / static_cast<double>(words);
}

void append_word_hashes(std::string_view text, std::vector<std::uint64_t>& hashes) {
  for_each_word(text, [&](std::string_view word) { hashes.push_back(fast_hash(word)); });
}

void append_folded_characters(std::string_view text, std::vector<std::uint64_t>& characters) {
  bool after_space = true;
  every_code_point(text, [&](char32_t c) {
    const bool space = is_white_space(c);
    if (!space || !after_space) characters.push_back(space ? ' ' : static_cast<std::uint64_t>(u_foldCase(static_cast<UChar32>(c), U_FOLD_CASE_DEFAULT)));
    after_space = space;
    return true;
  });
  if (after_space && !characters.empty() && characters.back() == ' ') characters.pop_back();
}

std::string bare_text(std::string_view text) {
  std::string bare;
  every_code_point(text, [&](char32_t c) {
    if (is_word_character(c)) append_folded(bare, c);
    return true;
  });
  return bare;
}

}  // namespace cupel::expectations
