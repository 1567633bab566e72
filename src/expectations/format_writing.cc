// How things are written in computing: identifiers, digests, encodings, versions.

#include <re2/re2.h>

#include "base/json.h"
#include "expectations/ascii_internal.h"
#include "expectations/formats_internal.h"

namespace cupel::expectations {
namespace {

using namespace ascii;

bool is_digest(std::string_view text, std::size_t digits) { return text.size() == digits && all(text, [](char c) { return ascii::is_hex(c); }); }

int base64_value(char c, std::string_view last_two) {
  if (is_upper(c)) return c - 'A';
  if (is_lower(c)) return c - 'a' + 26;
  if (is_digit(c)) return digit(c) + 52;
  const std::size_t at = last_two.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(62 + at);
}

/// RFC 4648: the bits that are left over must be zero (§3.5).
bool is_encoded(std::string_view text, std::string_view last_two, bool padded) {
  std::string_view body = text;
  if (padded) {
    if (text.size() % 4 != 0) return false;
    for (int i = 0; i < 2 && body.ends_with('='); ++i) body.remove_suffix(1);
  }
  const std::size_t left = body.size() % 4;
  if (body.empty() || left == 1 || !all(body, [&](char c) { return base64_value(c, last_two) >= 0; })) return false;
  const int last = base64_value(body.back(), last_two);
  return left == 0 || (last & (left == 2 ? 0x0F : 0x03)) == 0;
}

}  // namespace

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23 ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

bool is_hex(std::string_view text) { return !text.empty() && all(text, [](char c) { return ascii::is_hex(c); }); }
bool is_md5(std::string_view text) { return is_digest(text, 32); }
bool is_sha1(std::string_view text) { return is_digest(text, 40); }
bool is_sha256(std::string_view text) { return is_digest(text, 64); }
bool is_sha512(std::string_view text) { return is_digest(text, 128); }

bool is_base64(std::string_view text) { return is_encoded(text, "+/", true); }
bool is_base64url(std::string_view text) { return is_encoded(text, "-_", text.ends_with('=')); }

bool is_hex_color(std::string_view text) {
  return (text.size() == 4 || text.size() == 5 || text.size() == 7 || text.size() == 9) && take(text, '#') && all(text, [](char c) { return ascii::is_hex(c); });
}

// The grammar of semver.org 2.0.0.
bool is_semver(std::string_view text) {
  static const RE2 k_pattern(
      R"((?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?)");
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), k_pattern);
}

bool is_slug(std::string_view text) {
  return !text.empty() && text.front() != '-' && text.back() != '-' && text.find("--") == std::string_view::npos &&
         all(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_json(std::string_view text) { return Json::accept(text.begin(), text.end()); }

}  // namespace cupel::expectations
