#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cupel::table {

/// SQL's LIKE over UTF-8: '%' stands for any characters, '_' for exactly one Unicode character, everything else for itself, with case.
/// After the escape character, if there is one, the next character stands for itself. Cost: at worst text size times pattern size.
class LikePattern {
 public:
  /// Error: an escape character with nothing after it.
  static Result<LikePattern> make(std::string_view pattern, std::optional<char> escape = std::nullopt);
  bool matches(std::string_view text) const;

 private:
  // The pattern between two '%': bytes with single-character wildcards.
  struct Piece {
    std::string bytes;
    std::vector<bool> any;  // any[i]: byte i stands for any one character
    bool plain = true;      // no wildcard within
  };
  // Length of the match at `at`, or npos.
  static std::size_t match_at(const Piece& piece, std::string_view text, std::size_t at);
  static std::size_t find(const Piece& piece, std::string_view text, std::size_t from, std::size_t& end);

  std::vector<Piece> pieces_;  // at least one; n '%' make n + 1
};

}  // namespace cupel::table
