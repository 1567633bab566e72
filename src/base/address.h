#pragma once

#include <string>
#include <string_view>

namespace cupel {

/// What stands in front of `://` in lower case ("https"), or empty where the text is a path.
std::string scheme_of(std::string_view address);

/// The address as people and results may see it: without a password (`https://user:word@host`), and with `…` for the value of every
/// parameter whose name speaks of a secret (`?token=…`, `X-Amz-Signature=…`).
std::string shown_address(std::string_view address);

/// `%41` -> `A`; what is no such triple stays.
std::string percent_decoded(std::string_view text);

}  // namespace cupel
