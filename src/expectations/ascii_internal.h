#pragma once

#include <algorithm>
#include <string_view>

// Characters of the formats: ASCII only, whatever the locale.
namespace cupel::expectations::ascii {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_letter(char c) { return is_upper(c) || is_lower(c); }
constexpr bool is_alphanumeric(char c) { return is_digit(c) || is_letter(c); }
constexpr bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr int digit(char c) { return c - '0'; }
constexpr char upper(char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }

template <typename Is>
constexpr bool all(std::string_view text, Is&& is) {
  return std::all_of(text.begin(), text.end(), is);
}
constexpr bool all_digits(std::string_view text) { return !text.empty() && all(text, is_digit); }

/// Takes `count` digits from the front as a number; false, and nothing taken, when there are not so many.
constexpr bool take_digits(std::string_view& text, std::size_t count, int& value) {
  if (text.size() < count || !all(text.substr(0, count), is_digit)) return false;
  value = 0;
  for (const char c : text.substr(0, count)) value = value * 10 + digit(c);
  text.remove_prefix(count);
  return true;
}

/// Takes one or two digits.
constexpr bool take_one_or_two(std::string_view& text, int& value) { return take_digits(text, 2, value) || take_digits(text, 1, value); }

constexpr bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// Characters with the separators taken out, in a buffer of their own: no allocation.
template <std::size_t Size>
class Compact {
 public:
  /// False when a character remains that is not alphanumeric, when there are too many, or when separators stand at an end or side by side.
  bool read(std::string_view text, std::string_view separators) {
    bool separated = true;
    for (const char c : text) {
      if (separators.find(c) != std::string_view::npos) {
        if (separated) return false;
        separated = true;
        continue;
      }
      if (!is_alphanumeric(c) || size_ == Size) return false;
      characters_[size_++] = c;
      separated = false;
    }
    return !separated;
  }
  std::string_view view() const { return {characters_, size_}; }

 private:
  char characters_[Size];
  std::size_t size_ = 0;
};

}  // namespace cupel::expectations::ascii
