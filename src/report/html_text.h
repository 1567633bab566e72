#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cupel::report {

/// Markup that was written by us: only a literal `"<td>"_html` makes one, so text from data cannot become markup by mistake.
class Markup {
 public:
  std::string_view text() const { return text_; }

 private:
  friend constexpr Markup operator""_html(const char* text, std::size_t size);
  constexpr explicit Markup(std::string_view text) : text_(text) {}
  std::string_view text_;
};
constexpr Markup operator""_html(const char* text, std::size_t size) { return Markup(std::string_view(text, size)); }

/// HTML under construction. What is streamed as text is escaped, for elements and quoted attributes alike: `& < > " '` become entities,
/// control characters (also the ones that turn the direction of text) a visible sign, bytes that are not UTF-8 the replacement character.
class Html {
 public:
  Html& operator<<(Markup markup) {
    bytes_ += markup.text();
    return *this;
  }
  Html& operator<<(const Html& other) {
    bytes_ += other.bytes_;
    return *this;
  }
  Html& operator<<(std::string_view untrusted);
  Html& operator<<(std::int64_t number);
  /// A coordinate: at most two decimals, the same on every machine. Not for facts.
  Html& operator<<(double coordinate);

  const std::string& bytes() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }

 private:
  std::string bytes_;
};

/// `text` as flowing text (line breaks as spaces), cut at `width` code points with an ellipsis.
Html shortened(std::string_view text, std::size_t width);

}  // namespace cupel::report
