#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/yaml.h"

namespace cupel::expectations {

/// Is this character of a class? Classes: `letters` (with their combining marks), `upper_case`, `lower_case`, `digits`, `punctuation`, `symbols`,
/// `special` (punctuation or symbol), `white_space`, `non_letters` (neither letter nor white space), `non_ascii`, `emoji`, `control`, and
/// Unicode's scripts: Latin, Cyrillic, Han … (UAX #24; a character that several scripts use belongs to each of them). Source: ICU's tables.
class CharacterClass {
 public:
  /// Unknown names are errors at `node`.
  static Result<CharacterClass> make(const std::string& name, const yaml::Node& node);
  bool holds(char32_t c) const { return c < 0x80 ? ascii_[c] : holds_(static_cast<std::int32_t>(c), parameter_); }

 private:
  using Question = bool (*)(std::int32_t c, int parameter);
  CharacterClass(Question question, int parameter);
  Question holds_;
  int parameter_;
  bool ascii_[128];
};

/// Characters of the class, and all, in one text.
struct CharacterCount {
  std::int64_t found = 0;
  std::int64_t all = 0;
};
CharacterCount count_characters(std::string_view text, const CharacterClass& of);

/// Number of the script that a name stands for ("Latin", "Latn"), or an error at `node`.
Result<int> script_number(const std::string& name, const yaml::Node& node);

/// Is every character of one of these scripts, or one that inherits its script (combining marks)? `Common` are digits, spaces, punctuation.
bool is_in_scripts(std::string_view text, std::span<const int> scripts);
/// Does some character have one of these scripts as its own?
bool has_script(std::string_view text, std::span<const int> scripts);

/// Letters, digits and combining marks: what words are made of.
bool is_word_character(char32_t c);

}  // namespace cupel::expectations
