#include "flow/quantity.h"

#include <optional>

#include "base/byte_size.h"
#include "base/text.h"

namespace cupel::flow {
namespace {

struct Unit {
  std::string_view suffix;
  double factor;
};

constexpr Unit k_durations[] = {{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}};
constexpr double k_longest_seconds = 366.0 * 86400;

std::optional<double> with_unit(std::string_view text, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.suffix)) continue;
    if (const auto number = parse_number(trim(text.substr(0, text.size() - unit.suffix.size())))) return *number * unit.factor;
  }
  return std::nullopt;
}

}  // namespace

Result<double> read_delay(const yaml::Node& node, std::string_view what) {
  ASSIGN_OR_RETURN(const std::string text, node.text(what));
  const auto seconds = text == "0" ? std::optional(0.0) : with_unit(text, k_durations);
  if (seconds && *seconds >= 0 && *seconds <= k_longest_seconds) return *seconds;
  return node.fail_here(fmt::format("{} is {}, expected a duration such as 500ms, 90s, 20m or 2h", what, node.description()));
}

Result<double> read_duration(const yaml::Node& node, std::string_view what) {
  ASSIGN_OR_RETURN(const double seconds, read_delay(node, what));
  if (seconds > 0) return seconds;
  return node.fail_here(fmt::format("{} is {}, expected more than zero", what, node.description()));
}

Result<std::uint64_t> read_size(const yaml::Node& node, std::string_view what) {
  ASSIGN_OR_RETURN(const std::string text, node.text(what));
  if (const auto bytes = parse_byte_size(text)) return static_cast<std::uint64_t>(*bytes);
  return node.fail_here(fmt::format("{} is {}, expected a size such as 512M or 2G", what, node.description()));
}

}  // namespace cupel::flow
