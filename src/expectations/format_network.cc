// Addresses of mail, web and network.

#include <arpa/inet.h>

#include "expectations/ascii_internal.h"
#include "expectations/formats_internal.h"

namespace cupel::expectations {
namespace {

using namespace ascii;

/// inet_pton wants a terminated text; it refuses leading zeros, short forms and zones.
bool is_address(int family, std::string_view text) {
  char terminated[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof terminated || text.find('\0') != std::string_view::npos) return false;
  *std::copy(text.begin(), text.end(), terminated) = '\0';
  unsigned char address[16];
  return ::inet_pton(family, terminated, address) == 1;
}

/// RFC 1123: labels of 1 to 63 letters, digits and inner hyphens, 253 characters in all; the last label is not a number.
bool is_domain(std::string_view text, std::size_t least_labels) {
  if (text.empty() || text.size() > 253) return false;
  std::size_t labels = 0;
  for (std::string_view rest = text;; ++labels) {
    const std::size_t dot = rest.find('.');
    const std::string_view label = rest.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    if (!all(label, [](char c) { return is_alphanumeric(c) || c == '-'; })) return false;
    if (dot == std::string_view::npos) return !all_digits(label) && labels + 1 >= least_labels;
    rest.remove_prefix(dot + 1);
  }
}

bool is_in(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

/// RFC 5321 §4.1.2: Dot-string or Quoted-string.
bool is_local_part(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  if (text.front() != '"') {
    if (text.front() == '.' || text.back() == '.' || text.find("..") != std::string_view::npos) return false;
    return all(text, [](char c) { return is_alphanumeric(c) || is_in(c, ".!#$%&'*+-/=?^_`{|}~"); });
  }
  if (text.size() < 2 || text.back() != '"') return false;
  text = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') ++i;
    if (i == text.size() || text[i] < ' ' || text[i] > '~') return false;
    if (text[i] == '"' && (i == 0 || text[i - 1] != '\\')) return false;
  }
  return true;
}

/// `pchar` of RFC 3986 and `more`, with whole percent-encodings.
bool is_url_text(std::string_view text, std::string_view more) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
    } else if (!is_alphanumeric(text[i]) && !is_in(text[i], "-._~!$&'()*+,;=:") && !is_in(text[i], more)) {
      return false;
    }
  }
  return true;
}

bool is_port(std::string_view text) {
  if (text.empty()) return true;
  if (!all_digits(text)) return false;
  while (text.size() > 1 && text[0] == '0') text.remove_prefix(1);
  return text.size() < 5 || (text.size() == 5 && text <= "65535");
}

/// [userinfo@]host[:port], with a host.
bool is_authority(std::string_view text) {
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    if (!is_url_text(text.substr(0, at), "")) return false;
    text.remove_prefix(at + 1);
  }
  if (take(text, '[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !is_ipv6(text.substr(0, end))) return false;
    text.remove_prefix(end + 1);
    return text.empty() || (text[0] == ':' && is_port(text.substr(1)));
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && !is_port(text.substr(colon + 1))) return false;
  std::string_view host = text.substr(0, colon);
  if (host.size() > 1 && host.back() == '.') host.remove_suffix(1);
  return is_domain(host, 1) || is_ipv4(host);
}

/// Case does not matter to a scheme (RFC 3986 §3.1).
bool starts_with_scheme(std::string_view text, std::string_view scheme) {
  return text.size() > scheme.size() && std::equal(scheme.begin(), scheme.end(), text.begin(), [](char a, char b) { return upper(a) == upper(b); });
}

}  // namespace

bool is_ipv4(std::string_view text) { return is_address(AF_INET, text); }
bool is_ipv6(std::string_view text) { return is_address(AF_INET6, text); }
bool is_ip(std::string_view text) { return is_ipv4(text) || is_ipv6(text); }
bool is_hostname(std::string_view text) { return is_domain(text, 1); }

bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || text.size() > 254 || !is_local_part(text.substr(0, at))) return false;
  std::string_view domain = text.substr(at + 1);
  if (domain.starts_with('[') && domain.ends_with(']')) {
    domain = domain.substr(1, domain.size() - 2);
    return domain.starts_with("IPv6:") ? is_ipv6(domain.substr(5)) : is_ipv4(domain);
  }
  return is_domain(domain, 2);
}

bool is_url(std::string_view text) {
  std::size_t size = 0;
  for (const std::string_view scheme : {"http://", "https://", "ftp://"}) {
    if (starts_with_scheme(text, scheme)) size = scheme.size();
  }
  if (size == 0) return false;
  text.remove_prefix(size);
  const std::size_t path = std::min(text.find_first_of("/?#"), text.size());
  if (!is_authority(text.substr(0, path))) return false;
  text.remove_prefix(path);
  const std::size_t fragment = text.find('#');
  return is_url_text(text.substr(0, fragment), "/?@") && (fragment == std::string_view::npos || is_url_text(text.substr(fragment + 1), "/?@"));
}

bool is_mac(std::string_view text) {
  if (text.size() == 14) {  // 0123.4567.89ab
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (i % 5 == 4 ? text[i] != '.' : !is_hex(text[i])) return false;
    }
    return true;
  }
  if (text.size() != 17 || (text[2] != ':' && text[2] != '-')) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % 3 == 2 ? text[i] != text[2] : !is_hex(text[i])) return false;
  }
  return true;
}

}  // namespace cupel::expectations
