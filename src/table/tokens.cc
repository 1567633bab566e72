#include <array>

#include "base/text.h"
#include "table/tokens_internal.h"

namespace cupel::table {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

std::size_t end_of_number(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  if (at < text.size() && text[at] == '.') ++at;
  while (at < text.size() && is_digit(text[at])) ++at;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::size_t power = at + 1;
    if (power < text.size() && (text[power] == '+' || text[power] == '-')) ++power;
    if (power < text.size() && is_digit(text[power])) {
      at = power;
      while (at < text.size() && is_digit(text[at])) ++at;
    }
  }
  return at;
}

// From the opening quote to behind the closing one; a doubled quote stands for one.
Result<Token> quoted(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  Token token;
  token.kind = quote == '\'' ? Token::Kind::text : Token::Kind::quoted_name;
  token.begin = begin;
  for (std::size_t at = begin + 1; at < text.size(); ++at) {
    if (text[at] != quote) {
      token.value.push_back(text[at]);
      continue;
    }
    if (at + 1 < text.size() && text[at + 1] == quote) {
      token.value.push_back(quote);
      ++at;
      continue;
    }
    token.end = at + 1;
    return token;
  }
  return fail("the quote before '{}' is never closed", shorten(text.substr(begin + 1), 30));
}

Result<Token> symbol(std::string_view text, std::size_t begin) {
  constexpr std::array<std::string_view, 16> k_symbols = {"==", "!=", "<>", "<=", ">=", "=", "<", ">",
                                                          "(",  ")",  ",",  "+",  "-",  "*", "/", "%"};
  const std::string_view rest = text.substr(begin);
  for (const std::string_view known : k_symbols) {
    if (!rest.starts_with(known)) continue;
    Token token;
    token.kind = Token::Kind::symbol;
    token.value = known;
    token.begin = begin;
    token.end = begin + known.size();
    return token;
  }
  if (rest.starts_with("&")) return fail_with_hint("unexpected '&'", "write 'and'");
  if (rest.starts_with("|")) return fail_with_hint("unexpected '|'", "write 'or'");
  if (rest.starts_with("!")) return fail_with_hint("unexpected '!'", "write 'not'");
  if (rest.starts_with("`") || rest.starts_with("[")) {
    return fail_with_hint(fmt::format("unexpected '{}'", rest[0]), "column names are quoted as \"Column Name\"");
  }
  return fail("unexpected '{}'", shorten(rest.substr(0, 1), 1));
}

}  // namespace

Result<std::vector<Token>> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t at = 0;
  for (;;) {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) ++at;
    if (at == text.size()) break;
    Token token;
    token.begin = at;
    const char c = text[at];
    if (starts_name(c)) {
      token.kind = Token::Kind::name;
      token.end = at;
      while (token.end < text.size() && (starts_name(text[token.end]) || is_digit(text[token.end]))) ++token.end;
      token.value = text.substr(at, token.end - at);
      token.lower = to_lower_ascii(token.value);
    } else if (is_digit(c) || (c == '.' && at + 1 < text.size() && is_digit(text[at + 1]))) {
      token.kind = Token::Kind::number;
      token.end = end_of_number(text, at);
      token.value = text.substr(at, token.end - at);
    } else if (c == '\'' || c == '"') {
      ASSIGN_OR_RETURN(token, quoted(text, at));
    } else {
      ASSIGN_OR_RETURN(token, symbol(text, at));
    }
    at = token.end;
    tokens.push_back(std::move(token));
  }
  Token end;
  end.begin = end.end = text.size();
  tokens.push_back(std::move(end));
  return tokens;
}

}  // namespace cupel::table
