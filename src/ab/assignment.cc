#include "ab/assignment.h"

#include <cmath>
#include <unordered_map>

#include "base/text.h"
#include "table/table.h"

namespace cupel::ab {
namespace {

constexpr std::size_t k_most_arms = 20;

struct Weight {
  double value = 0;
  bool percent = false;
};

Result<Weight> parse_weight(std::string_view text, std::string_view arm) {
  const bool percent = text.ends_with('%');
  const auto number = parse_number(trim(percent ? text.substr(0, text.size() - 1) : text));
  if (!number || !(*number >= 0) || std::isinf(*number)) {
    return fail("weight '{}' of arm '{}', expected a share such as 50% or a proportion such as 1", shorten(text, 40), shorten(arm, 40));
  }
  return Weight{percent ? *number / 100 : *number, percent};
}

}  // namespace

Result<std::vector<Arm>> parse_arms(std::string_view text) {
  std::vector<Arm> arms;
  double total = 0;
  bool percent = false;
  for (const std::string_view part : split(text, ',')) {
    const std::size_t colon = part.rfind(':');
    const std::string_view name = trim(part.substr(0, colon));
    if (colon == std::string_view::npos || name.empty()) {
      return fail("'{}' among the arms, expected NAME:WEIGHT such as a:50%", shorten(part, 40));
    }
    for (const Arm& arm : arms) {
      if (arm.name == name) return fail("arm '{}' is named twice", shorten(name, 40));
    }
    ASSIGN_OR_RETURN(const Weight weight, parse_weight(trim(part.substr(colon + 1)), name));
    percent |= weight.percent;
    total += weight.value;
    arms.push_back({std::string(name), weight.value});
  }
  if (arms.size() < 2 || arms.size() > k_most_arms) return fail("{} arms, expected 2 to {}", arms.size(), k_most_arms);
  if (percent && std::abs(total - 1) > 1e-9) return fail("weights of the arms add up to {}, expected 100 %", percent_text(total));
  if (!(total > 0)) return fail("all weights of the arms are 0, expected positive ones");
  for (Arm& arm : arms) arm.weight /= total;
  return arms;
}

std::string arms_text(std::span<const Arm> arms) {
  std::string text;
  for (const Arm& arm : arms) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", arm.name, percent_text(arm.weight));
  return text;
}

std::size_t arm_of_bucket(double bucket, std::span<const Arm> arms) {
  double end = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < arms.size(); ++i) {
    if (arms[i].weight == 0) continue;
    last = i;
    end += arms[i].weight;
    if (bucket < end) return i;
  }
  return last;  // the weights add up to 1 but for rounding
}

Result<Units> units_of(const table::Column& column, std::string_view name) {
  Units units;
  units.of_row.reserve(static_cast<std::size_t>(column.num_rows));
  std::unordered_map<std::string, std::uint32_t> numbers;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (column.is_null(row)) {
      return fail_with_hint(fmt::format("row {} has no '{}', so it belongs to no unit", row, name), "leave such rows out with --where");
    }
    const auto [at, is_new] = numbers.try_emplace(table::value_text(column, row), static_cast<std::uint32_t>(units.names.size()));
    if (is_new) units.names.push_back(at->first);
    units.of_row.push_back(at->second);
  }
  return units;
}

std::vector<std::uint8_t> assign(const Units& units, std::span<const Arm> arms, HashRule rule, std::string_view salt) {
  std::vector<std::uint8_t> arm_of_unit;
  arm_of_unit.reserve(units.names.size());
  for (const std::string& name : units.names) {
    arm_of_unit.push_back(static_cast<std::uint8_t>(arm_of_bucket(bucket_of(rule, salt, name), arms)));
  }
  return arm_of_unit;
}

std::vector<std::int64_t> units_per_arm(std::span<const std::uint8_t> arm_of_unit, std::size_t num_arms) {
  std::vector<std::int64_t> counts(num_arms);
  for (const std::uint8_t arm : arm_of_unit) ++counts[arm];
  return counts;
}

}  // namespace cupel::ab
