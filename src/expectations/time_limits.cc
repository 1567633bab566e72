#include "expectations/time_limits.h"

#include <cctype>
#include <cmath>

#include "base/text.h"

namespace cupel::expectations {
namespace {

struct DurationUnit {
  std::string_view name;
  double micros;
};

constexpr DurationUnit k_duration_units[] = {{"w", 7 * 86400e6}, {"d", 86400e6}, {"h", 3600e6}, {"ms", 1e3}, {"m", 60e6}, {"s", 1e6}};

}  // namespace

std::optional<double> parse_duration(std::string_view text) {
  double sum = 0;
  text = trim(text);
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    std::size_t digits = 0;
    while (digits < text.size() && (std::isdigit(static_cast<unsigned char>(text[digits])) != 0 || text[digits] == '.')) ++digits;
    const auto number = parse_number(text.substr(0, digits));
    if (!number) return std::nullopt;
    text = trim(text.substr(digits));
    std::size_t letters = 0;
    while (letters < text.size() && std::isalpha(static_cast<unsigned char>(text[letters])) != 0) ++letters;
    double micros = 0;
    for (const DurationUnit& unit : k_duration_units) {
      if (unit.name == text.substr(0, letters)) micros = unit.micros;
    }
    if (micros == 0) return std::nullopt;
    sum += *number * micros;
    text = trim(text.substr(letters));
  }
  return sum;
}

std::string micros_text(double micros) {
  if (micros < 0) return "-" + micros_text(-micros);
  if (micros < 1000) return fmt::format("{} µs", number_text(micros));
  std::string text;
  constexpr DurationUnit k_shown[] = {{"d", 86400e6}, {"h", 3600e6}, {"min", 60e6}, {"s", 1e6}, {"ms", 1e3}};
  for (const DurationUnit& unit : k_shown) {
    const double count = std::floor(micros / unit.micros);
    if (count < 1) continue;
    micros -= count * unit.micros;
    text += fmt::format("{}{} {}", text.empty() ? "" : " ", with_thousands(static_cast<std::int64_t>(count)), unit.name);
  }
  return text;
}

Result<suite::Predicate> duration_limits(const suite::Predicate& predicate) {
  suite::Predicate resolved = predicate;
  for (suite::Limit& limit : resolved.limits) {
    const auto micros = limit.kind == suite::Limit::Kind::text ? parse_duration(limit.text) : std::nullopt;
    if (!micros) return limit.node.fail_here(fmt::format("the limit is {}, expected a duration such as 90s, 36h, 2d or 1w", limit.node.description()));
    limit.number = *micros;
  }
  if (resolved.limits.empty()) return predicate.node.fail_here(fmt::format("'{}' is {}, expected a duration such as 2d", predicate.name(), predicate.node.description()));
  return resolved;
}

}  // namespace cupel::expectations
