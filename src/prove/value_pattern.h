#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cupel::prove {

/// A regular expression (RE2, anchored) induced from texts of a regular shape, such as `^[A-Z]{2}-\d{4}$`: runs of capitals, small letters and digits
/// with the lengths that were seen, everything else literal. Nothing when the texts do not have the same runs, or are longer than 64 bytes, or
/// say no more than "letters" or "digits of any length".
std::optional<std::string> induced_pattern(std::span<const std::string_view> texts);

}  // namespace cupel::prove
