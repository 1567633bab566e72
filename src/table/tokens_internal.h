#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cupel::table {

/// A word of an expression's text.
struct Token {
  enum class Kind { name, quoted_name, number, text, symbol, end };
  Kind kind = Kind::end;
  std::string value;      ///< without quotes, doubled quotes made single; a name as written
  std::string lower;      ///< of a bare name: in lower case, for keywords
  std::size_t begin = 0;  ///< bytes of the expression's text
  std::size_t end = 0;
};

/// Cuts the text into words; the last is Kind::end. Errors lack the place.
Result<std::vector<Token>> tokens_of(std::string_view text);

}  // namespace cupel::table
