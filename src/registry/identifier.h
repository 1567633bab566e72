#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cupel::registry {

/// What a person may write to mean one version of one model.
///   reviews           newest version that no induced fault had a part in
///   reviews/3         exactly this version
///   reviews@champion  the version that the alias points at
///   sha256:0a1b2c3d…  by content: the digest of the version or of its model file, at least 8 digits
struct Identifier {
  enum class Kind { newest, number, alias, digest };
  Kind kind = Kind::newest;
  std::string name;         ///< empty for a digest
  std::int64_t number = 0;  ///< of Kind::number
  std::string alias;        ///< of Kind::alias
  std::string digest;       ///< of Kind::digest: 8 to 64 lower-case hexadecimal digits
};

/// Errors name what is wrong with the text and show the accepted forms.
Result<Identifier> parse_identifier(std::string_view text);

/// A model's name: 1 to 100 of letters, digits, `.`, `_`, `-`, the first a letter or digit. An alias: the same, the first a letter.
Result<void> check_name(std::string_view name);
Result<void> check_alias(std::string_view alias);

/// A file's place inside a version's folder: relative, `/` between parts, at most 255 bytes, no `.`, `..` or empty part, no backslash,
/// no control character.
Result<void> check_file_path(std::string_view path);

/// 64 lower-case hexadecimal digits.
bool is_digest(std::string_view text);

}  // namespace cupel::registry
