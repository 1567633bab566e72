#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cupel::expectations {

/// What identifies a person and is found inside a text by its form: a candidate that stands alone (no letter or digit beside it) and passes the
/// format of the same name. credit_card: 12 to 19 digits, network and Luhn; email; iban: country, length, mod 97; ip: IPv4 or IPv6; phone:
/// international with "+", or ten digits of North America in the groups 3-3-4; ssn: with hyphens. Names and addresses are not found.
struct PiiKind {
  std::string_view name;
  bool (*found)(std::string_view text);
};

/// All kinds, sorted by name.
const std::vector<PiiKind>& pii_kinds();

/// Names of the kinds among `wanted` that the text holds, "email, phone"; empty: none.
std::string pii_in(std::string_view text, const std::vector<PiiKind>& wanted);
bool has_pii(std::string_view text, const std::vector<PiiKind>& wanted);

}  // namespace cupel::expectations
