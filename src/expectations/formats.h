#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/yaml.h"

namespace cupel::expectations {

/// One line of the table of formats: a question that a whole text answers with yes or no. Bytes are compared, nothing is trimmed; texts with
/// bytes beyond ASCII have no format but `json`.
struct Format {
  std::string_view name;
  std::string_view page;  ///< of the manual, tests/formats/<page>.md; several formats of a family share one
  bool (*holds)(std::string_view text) = nullptr;  ///< null pointer: the format exists only within a country
  bool (*holds_in)(std::string_view text, std::string_view country) = nullptr;
  std::string_view countries{};  ///< of holds_in: ISO 3166 codes in a row, "ATCHDE"
  bool can_parse_as = false;     ///< also a type of `parse_as`
};

/// All formats, sorted by name.
std::span<const Format> format_table();

/// The format called "iban", "date us" or "date-us"; null pointer: unknown.
const Format* find_format(std::string_view name);

/// The question that `format: email` or `parse_as: integer` asks of a text. `predicate` is "format" or "parse_as"; unknown names are errors at
/// `node`. `country` is the value of `country:` (a code or a list: one of them must accept), null where it is not stated.
Result<std::function<bool(std::string_view)>> format_question(std::string_view name, std::string_view predicate, const yaml::Node& node,
                                                              const yaml::Node* country = nullptr);

}  // namespace cupel::expectations
