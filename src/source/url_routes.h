#pragma once

#include <string>

#include "base/result.h"

namespace cupel::source {

/// Where the bytes of an address are and how to ask for them.
struct UrlRoute {
  std::string shown;          ///< the address for messages, without secrets
  std::string url;            ///< http or https
  std::string bearer{};       ///< token for the url's host
  std::string user{};         ///< or name and
  std::string password{};     ///< password for it
  std::string sha256{};       ///< pinned digest, lower case; empty: none
  std::string denied_hint{};  ///< after 401 and 403
  std::string file_name;      ///< last part of the path, safe as the name of a file
  bool unzip = false;         ///< an answer that is a zip archive stands for the one file in it
};

/// See fetch.h for the forms. Errors: an address that lacks a part, a pin that is no digest, an unreadable kaggle.json.
Result<UrlRoute> route_of(const std::string& address);

}  // namespace cupel::source
