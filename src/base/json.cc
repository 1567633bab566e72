#include "base/json.h"

namespace cupel {
namespace {

constexpr int k_deepest = 100;

Result<const Json*> member(const Json& object, std::string_view key, std::string_view source) {
  if (!object.is_object()) return fail("{}: expected an object with '{}'", source, key);
  const auto found = object.find(std::string(key));
  if (found == object.end()) return fail("{}: '{}' is missing", source, key);
  return &*found;
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::string_view source) {
  // Depth is checked on the raw text: destroying a deep value would recurse.
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > k_deepest) return fail("{}: nested deeper than {} levels", source, k_deepest);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    const auto* parse_error = dynamic_cast<const Json::parse_error*>(&error);
    return fail("{}: byte {}: not JSON", source, parse_error != nullptr ? parse_error->byte : 0);
  }
}

Result<Json> read_json(const fs::path& path, std::uintmax_t limit_bytes) {
  ASSIGN_OR_RETURN(const std::string text, read_file(path, limit_bytes));
  return parse_json(text, path.string());
}

std::string json_text(const Json& value) { return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Result<std::string> json_string(const Json& object, std::string_view key, std::string_view source) {
  ASSIGN_OR_RETURN(const Json* found, member(object, key, source));
  if (!found->is_string()) return fail("{}: '{}' is not text", source, key);
  return found->get<std::string>();
}

Result<double> json_number(const Json& object, std::string_view key, std::string_view source) {
  ASSIGN_OR_RETURN(const Json* found, member(object, key, source));
  if (!found->is_number()) return fail("{}: '{}' is not a number", source, key);
  return found->get<double>();
}

}  // namespace cupel
