#include "base/address.h"

#include <algorithm>

#include "base/text.h"

namespace cupel {
namespace {

bool is_secret(std::string_view parameter) {
  constexpr std::string_view k_words[] = {"auth", "credential", "key", "pass", "secret", "sig", "token"};
  const std::string name = to_lower_ascii(parameter);
  return std::any_of(std::begin(k_words), std::end(k_words), [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string scheme_of(std::string_view address) {
  const std::size_t end = address.find("://");
  if (end == std::string_view::npos || end < 2) return {};
  const std::string_view scheme = address.substr(0, end);
  const bool is_word = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
  return is_word ? to_lower_ascii(scheme) : std::string();
}

std::string shown_address(std::string_view address) {
  const std::string scheme = scheme_of(address);
  if (scheme.empty()) return std::string(address);
  const std::size_t authority = scheme.size() + 3;
  const std::size_t authority_end = std::min(address.find_first_of("/?#", authority), address.size());
  std::string shown(address.substr(0, authority));
  std::string_view host = address.substr(authority, authority_end - authority);
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) {
    shown += host.substr(0, std::min(host.find(':'), at));
    host.remove_prefix(at);
  }
  shown += host;
  std::string_view rest = address.substr(authority_end);
  std::string_view fragment;
  if (const std::size_t hash = rest.find('#'); hash != std::string_view::npos) {
    fragment = rest.substr(hash);
    rest = rest.substr(0, hash);
  }
  const std::size_t query = rest.find('?');
  shown += rest.substr(0, query);
  if (query != std::string_view::npos) {
    char separator = '?';
    for (const std::string_view part : split(rest.substr(query + 1), '&')) {
      const std::string_view name = part.substr(0, part.find('='));
      shown += separator;
      separator = '&';
      shown += is_secret(percent_decoded(name)) && name.size() < part.size() ? std::string(name) + "=…" : std::string(part);
    }
  }
  shown += fragment;
  return shown;
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      decoded += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

}  // namespace cupel
