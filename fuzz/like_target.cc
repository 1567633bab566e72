// The first byte chooses the escape character, the second the length of the pattern; the rest is pattern and text.
#include <optional>
#include <vector>

#include "base/invariant.h"
#include "base/text.h"
#include "table/like_pattern.h"
#include "target.h"

namespace cupel::fuzz {
namespace {

struct Part {
  enum class Kind { character, any_one, any } kind = Kind::character;
  std::string_view character{};
};

std::vector<std::string_view> characters_of(std::string_view utf8) {
  std::vector<std::string_view> characters;
  for (std::size_t at = 0; at < utf8.size();) {
    std::size_t size = 1;
    while (at + size < utf8.size() && (static_cast<unsigned char>(utf8[at + size]) & 0xc0) == 0x80) ++size;
    characters.push_back(utf8.substr(at, size));
    at += size;
  }
  return characters;
}

/// Nothing: the escape character ends the pattern.
std::optional<std::vector<Part>> parts_of(std::string_view pattern, std::optional<char> escape) {
  std::vector<Part> parts;
  bool escaped = false;
  for (const std::string_view c : characters_of(pattern)) {
    if (!escaped && escape && c == std::string_view(&*escape, 1)) {
      escaped = true;
      continue;
    }
    const bool plain = escaped || (c != "%" && c != "_");
    parts.push_back({plain ? Part::Kind::character : c == "_" ? Part::Kind::any_one : Part::Kind::any, c});
    escaped = false;
  }
  if (escaped) return std::nullopt;
  return parts;
}

/// reached[i]: the parts so far match the first i characters.
bool matches(const std::vector<Part>& parts, const std::vector<std::string_view>& text) {
  std::vector<bool> reached(text.size() + 1, false);
  reached[0] = true;
  for (const Part& part : parts) {
    std::vector<bool> next(text.size() + 1, false);
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (part.kind == Part::Kind::any) {
        next[i] = reached[i] || (i > 0 && next[i - 1]);
      } else if (i > 0) {
        next[i] = reached[i - 1] && (part.kind == Part::Kind::any_one || part.character == text[i - 1]);
      }
    }
    reached = std::move(next);
  }
  return reached.back();
}

}  // namespace

void fuzz_like(std::string_view input) {
  if (input.size() < 2 || input.size() > 600) return;
  std::optional<char> escape;
  if (const auto chosen = static_cast<unsigned char>(input[0]); chosen % 4 != 0) escape = std::string_view("!\\%_")[chosen % 4];
  const std::size_t size = static_cast<unsigned char>(input[1]);
  const std::string_view pattern = input.substr(2).substr(0, size);
  const std::string_view text = input.substr(2).substr(pattern.size());
  if (first_invalid_utf8(pattern) || first_invalid_utf8(text)) return;
  const Result<table::LikePattern> like = table::LikePattern::make(pattern, escape);
  const std::optional<std::vector<Part>> parts = parts_of(pattern, escape);
  CHECK(like.has_value() == parts.has_value());
  if (like) CHECK(like->matches(text) == matches(*parts, characters_of(text)));
}

}  // namespace cupel::fuzz
