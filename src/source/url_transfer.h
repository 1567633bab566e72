#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "source/fetch.h"
#include "source/url_routes.h"

namespace cupel::source {

/// The head of the answer to the last request of a chain of redirects.
struct UrlAnswer {
  long status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

/// One GET. `on_head` comes once, before the first byte or the end; false: nothing more is wanted. `on_bytes` gets the body, false: it
/// could not be kept. Answers with what went wrong on the way, or nothing: the whole answer was received (its status says which).
struct UrlTrouble {
  enum class Kind {
    connection,  ///< no connection, or it broke off, or fell silent: another try may help
    refused,     ///< another try cannot help: too many redirects, a certificate that is not trusted, an address that is none
    stopped,     ///< on_head or on_bytes said so
  };
  Kind kind = Kind::connection;
  std::string what;  ///< "could not resolve host: example.org"
};
std::optional<UrlTrouble> transfer(const UrlRoute& route, const std::vector<std::string>& headers, const FetchOptions& options,
                                   const std::function<bool(const UrlAnswer&)>& on_head,
                                   const std::function<bool(std::string_view)>& on_bytes);

}  // namespace cupel::source
