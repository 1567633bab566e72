#include "registry/identifier.h"

#include <algorithm>

#include "base/text.h"

namespace cupel::registry {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_name_character(char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-'; }

constexpr std::string_view k_digest_prefix = "sha256:";
constexpr std::size_t k_min_digits = 8;

Result<Identifier> parse_digest(std::string_view text) {
  Identifier id;
  id.kind = Identifier::Kind::digest;
  id.digest = to_lower_ascii(text.substr(k_digest_prefix.size()));
  if (id.digest.size() < k_min_digits || id.digest.size() > 64 || !std::all_of(id.digest.begin(), id.digest.end(), is_hex)) {
    return fail("'{}' is not a digest, expected sha256: and {} to 64 hexadecimal digits", shorten(text, 80), k_min_digits);
  }
  return id;
}

}  // namespace

Result<Identifier> parse_identifier(std::string_view text) {
  if (text.starts_with(k_digest_prefix)) return parse_digest(text);
  Identifier id;
  const std::size_t mark = text.find_first_of("/@");
  id.name = std::string(text.substr(0, mark));
  TRY(check_name(id.name));
  if (mark == std::string_view::npos) return id;
  const std::string_view rest = text.substr(mark + 1);
  if (text[mark] == '@') {
    TRY(check_alias(rest));
    id.kind = Identifier::Kind::alias;
    id.alias = std::string(rest);
    return id;
  }
  const auto number = parse_integer(rest);
  if (!number || *number < 1) {
    return fail_with_hint(
        fmt::format("'{}' is not a version number in '{}', expected a whole number from 1", shorten(rest, 40), shorten(text, 80)),
        "a version is NAME/3, NAME@ALIAS or sha256:DIGITS");
  }
  id.kind = Identifier::Kind::number;
  id.number = *number;
  return id;
}

Result<void> check_name(std::string_view name) {
  const bool sound = !name.empty() && name.size() <= 100 && (is_letter(name[0]) || is_digit(name[0])) &&
                     std::all_of(name.begin(), name.end(), is_name_character);
  if (sound) return {};
  return fail("'{}' is not a model name, expected 1 to 100 letters, digits, '.', '_' or '-', the first a letter or digit",
              shorten(name, 60));
}

Result<void> check_alias(std::string_view alias) {
  const bool sound =
      !alias.empty() && alias.size() <= 100 && is_letter(alias[0]) && std::all_of(alias.begin(), alias.end(), is_name_character);
  if (sound) return {};
  return fail("'{}' is not an alias, expected 1 to 100 letters, digits, '.', '_' or '-', the first a letter", shorten(alias, 60));
}

Result<void> check_file_path(std::string_view path) {
  const auto refuse = [&](std::string_view why) { return fail("file name '{}' is refused: {}", shorten(path, 80), why); };
  if (path.empty() || path.size() > 255) return refuse("expected 1 to 255 bytes");
  if (first_invalid_utf8(path)) return refuse("it is not UTF-8");
  for (const char c : path) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return refuse("it holds a control character");
    if (c == '\\') return refuse("it holds a backslash");
  }
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == "." || part == "..") return refuse("expected a relative path that stays inside the model's folder");
  }
  return {};
}

bool is_digest(std::string_view text) { return text.size() == 64 && std::all_of(text.begin(), text.end(), is_hex); }

}  // namespace cupel::registry
