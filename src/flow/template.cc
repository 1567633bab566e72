#include "flow/template.h"

#include "base/text.h"

namespace cupel::flow {
namespace {

enum class Context { bare, single_quotes, double_quotes };

bool is_plain(std::string_view text) {
  constexpr std::string_view k_plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=@%+,-";
  return !text.empty() && text.find_first_not_of(k_plain) == std::string_view::npos;
}

/// Where in a shell's quotes the text after `literal` stands.
Context context_after(Context context, std::string_view literal) {
  for (std::size_t i = 0; i < literal.size(); ++i) {
    const char c = literal[i];
    if (c == '\\' && context != Context::single_quotes) {
      ++i;
    } else if (c == '\'' && context != Context::double_quotes) {
      context = context == Context::bare ? Context::single_quotes : Context::bare;
    } else if (c == '"' && context != Context::single_quotes) {
      context = context == Context::bare ? Context::double_quotes : Context::bare;
    }
  }
  return context;
}

std::string quoted_in(Context context, const std::string& value) {
  if (context == Context::single_quotes) return replace_all(value, "'", "'\\''");
  if (context == Context::bare) return shell_word(value);
  std::string quoted;
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == '$' || c == '`') quoted += '\\';
    quoted += c;
  }
  return quoted;
}

}  // namespace

std::string shell_word(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  return "'" + replace_all(std::string(text), "'", "'\\''") + "'";
}

Result<Template> Template::parse(std::string_view text) {
  Template parsed;
  parsed.text_ = text;
  Piece piece;
  for (std::size_t i = 0; i < text.size();) {
    if (text.substr(i).starts_with("$${")) {
      piece.literal += "${";
      i += 3;
    } else if (text.substr(i).starts_with("${")) {
      const std::size_t end = text.find('}', i);
      if (end == std::string_view::npos) return fail("'${{' is never closed in '{}'", shorten(text, 80));
      piece.name = std::string(trim(text.substr(i + 2, end - i - 2)));
      if (piece.name->empty()) return fail("'${{}}' names nothing in '{}'", shorten(text, 80));
      parsed.pieces_.push_back(std::move(piece));
      piece = {};
      i = end + 1;
    } else {
      piece.literal += text[i++];
    }
  }
  if (!piece.literal.empty()) parsed.pieces_.push_back(std::move(piece));
  return parsed;
}

Result<Template> Template::parse(const yaml::Node& node, std::string_view what) {
  ASSIGN_OR_RETURN(const std::string text, node.text(what));
  auto parsed = parse(text);
  if (!parsed) return node.fail_here(parsed.error().message);
  parsed->place_ = node.place();
  return parsed;
}

std::vector<std::string> Template::names() const {
  std::vector<std::string> names;
  for (const Piece& piece : pieces_) {
    if (piece.name) names.push_back(*piece.name);
  }
  return names;
}

tl::unexpected<Error> Template::fail_here(std::string_view message, std::string hint) const {
  return fail_with_hint(place_.empty() ? std::string(message) : fmt::format("{}: {}", place_, message), std::move(hint));
}

Result<std::string> Template::expand(const Lookup& lookup, Quoting quoting) const {
  std::string all;
  Context context = Context::bare;
  for (const Piece& piece : pieces_) {
    all += piece.literal;
    if (!piece.name) continue;
    auto value = lookup(*piece.name);
    if (!value) return fail_here(value.error().message, value.error().hint);
    if (quoting == Quoting::none) {
      all += *value;
    } else {
      context = context_after(context, piece.literal);
      all += quoted_in(context, *value);
    }
  }
  return all;
}

}  // namespace cupel::flow
