#include "source/url_routes.h"

#include <algorithm>
#include <cstdlib>

#include "base/address.h"
#include "base/files.h"
#include "base/json.h"
#include "base/text.h"

namespace cupel::source {
namespace {

// tidy: hf:// is that site's own scheme; $HF_ENDPOINT names another
constexpr std::string_view k_hub = "https://huggingface.co";
constexpr std::string_view k_kaggle = "https://www.kaggle.com";

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(trim(value));
}

std::string endpoint(const char* name, std::string_view otherwise) {
  std::string base = variable(name);
  if (base.empty()) base = otherwise;
  while (base.ends_with('/')) base.pop_back();
  return base;
}

/// Everything but letters, digits and -._~/ as %41; what is escaped already stays.
std::string escaped(std::string_view path) {
  std::string text;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/%").find(c) != std::string_view::npos;
    if (plain) {
      text += c;
    } else {
      text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return text;
}

std::string file_name_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  std::string_view path = url.substr(scheme + 3);
  path = path.substr(0, path.find_first_of("?#"));
  const std::size_t slash = path.rfind('/');
  std::string name = slash == std::string_view::npos ? std::string() : percent_decoded(path.substr(slash + 1));
  for (char& c : name) {
    if (c == '/' || c == '\0' || static_cast<unsigned char>(c) < 0x20) c = '_';
  }
  if (name.size() > 120) name = name.substr(name.size() - 120);
  while (name.starts_with('.')) name.erase(0, 1);
  return name.empty() || first_invalid_utf8(name) ? "content" : name;
}

/// "OWNER/NAME[@REVISION]/PATH" in its parts.
struct Named {
  std::string owner;
  std::string name;
  std::string revision;
  std::string path;
};
Result<Named> named(std::string_view rest, std::string_view address, std::string_view form) {
  const std::size_t first = rest.find('/');
  const std::size_t second = first == std::string_view::npos ? first : rest.find('/', first + 1);
  if (second == std::string_view::npos || first == 0 || second == first + 1 || second + 1 == rest.size()) {
    return fail("'{}' lacks a part, expected {}", address, form);
  }
  std::string_view name = rest.substr(first + 1, second - first - 1);
  Named parts{std::string(rest.substr(0, first)), {}, {}, std::string(rest.substr(second + 1))};
  if (const std::size_t at = name.find('@'); at != std::string_view::npos) {
    parts.revision = name.substr(at + 1);
    name = name.substr(0, at);
    if (parts.revision.empty()) return fail("'{}' has nothing after '@', expected {}", address, form);
  }
  parts.name = name;
  return parts;
}

Result<void> route_to_hub(UrlRoute& route, std::string_view rest) {
  constexpr std::string_view k_form = "hf://datasets/OWNER/NAME[@REVISION]/PATH";
  if (!rest.starts_with("datasets/")) return fail("'{}' does not begin with hf://datasets/, expected {}", route.shown, k_form);
  ASSIGN_OR_RETURN(const Named parts, named(rest.substr(9), route.shown, k_form));
  const std::string revision = parts.revision.empty() ? "main" : replace_all(escaped(parts.revision), "/", "%2F");
  route.url = fmt::format("{}/datasets/{}/{}/resolve/{}/{}", endpoint("HF_ENDPOINT", k_hub), escaped(parts.owner), escaped(parts.name),
                          revision, escaped(parts.path));
  route.bearer = variable("HF_TOKEN");
  route.denied_hint = route.bearer.empty() ? "a gated or private dataset needs $HF_TOKEN" : "$HF_TOKEN does not give access to it";
  return {};
}

Result<void> take_kaggle_key(UrlRoute& route) {
  route.user = variable("KAGGLE_USERNAME");
  route.password = variable("KAGGLE_KEY");
  if (!route.user.empty() && !route.password.empty()) return {};
  route.user.clear();
  route.password.clear();
  const std::string folder = variable("KAGGLE_CONFIG_DIR");
  const fs::path file = (folder.empty() ? fs::path(variable("HOME")) / ".kaggle" : fs::path(folder)) / "kaggle.json";
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return {};
  ASSIGN_OR_RETURN(const Json json, read_json(file, 1 << 16));
  ASSIGN_OR_RETURN(route.user, json_string(json, "username", file.string()));
  ASSIGN_OR_RETURN(route.password, json_string(json, "key", file.string()));
  return {};
}

Result<void> route_to_kaggle(UrlRoute& route, std::string_view rest) {
  ASSIGN_OR_RETURN(const Named parts, named(rest, route.shown, "kaggle://OWNER/DATASET[@VERSION]/FILE"));
  route.url = fmt::format("{}/api/v1/datasets/download/{}/{}/{}", endpoint("KAGGLE_API_ENDPOINT", k_kaggle), escaped(parts.owner),
                          escaped(parts.name), escaped(parts.path));
  if (!parts.revision.empty()) {
    if (!parse_integer(parts.revision)) return fail("'{}': version '{}', expected a number", route.shown, parts.revision);
    route.url += "?datasetVersionNumber=" + parts.revision;
  }
  TRY(take_kaggle_key(route));
  route.unzip = true;
  route.denied_hint = route.user.empty() ? "set $KAGGLE_USERNAME and $KAGGLE_KEY, or save kaggle.json in ~/.kaggle"
                                         : "the key of $KAGGLE_USERNAME and $KAGGLE_KEY, or of kaggle.json, does not give access to it";
  return {};
}

Result<std::string> take_pin(std::string& address) {
  const std::size_t hash = address.find('#');
  if (hash == std::string::npos) return std::string();
  const std::string fragment = address.substr(hash + 1);
  address.resize(hash);
  if (!fragment.starts_with("sha256=")) return std::string();
  std::string digest = to_lower_ascii(fragment.substr(7));
  const bool is_hex = digest.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (digest.size() != 64 || !is_hex)
    return fail("'#sha256={}' is no digest, expected 64 hexadecimal digits", shorten(fragment.substr(7), 70));
  return digest;
}

}  // namespace

Result<UrlRoute> route_of(const std::string& address) {
  std::string plain = address;
  UrlRoute route;
  ASSIGN_OR_RETURN(route.sha256, take_pin(plain));
  route.shown = shown_address(plain);
  const std::string scheme = scheme_of(plain);
  const std::string_view rest = std::string_view(plain).substr(scheme.size() + 3);
  if (scheme == "hf") {
    TRY(route_to_hub(route, rest));
  } else if (scheme == "kaggle") {
    TRY(route_to_kaggle(route, rest));
  } else {
    route.url = plain;
    route.denied_hint = "the server asks for a name and password or a token";
  }
  route.file_name = file_name_of(route.url);
  return route;
}

}  // namespace cupel::source
