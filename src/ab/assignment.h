#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ab/bucket_hash.h"
#include "base/result.h"
#include "table/column.h"

namespace cupel::ab {

struct Arm {
  std::string name;
  double weight = 0;  ///< share of the units, in [0, 1]; all add up to 1
};

/// "a:50%,b:50%" or "a:1,b:2" (proportions). Errors: fewer than 2 arms, a name twice, a weight that is none, percentages that do not add
/// up to 100 %.
Result<std::vector<Arm>> parse_arms(std::string_view text);
/// "a 50.00 %, b 50.00 %".
std::string arms_text(std::span<const Arm> arms);

/// The arm whose stretch of [0, 1) holds the bucket; arms stand in the order given, each as wide as its weight.
std::size_t arm_of_bucket(double bucket, std::span<const Arm> arms);

/// Units of a column: rows of equal text belong to one.
struct Units {
  std::vector<std::uint32_t> of_row;  ///< number of the unit of each row, in order of first appearance
  std::vector<std::string> names;     ///< text of each unit
};
/// Error: a null unit (its row is named): it can be in no arm.
Result<Units> units_of(const table::Column& column, std::string_view name);

/// Arm of each unit.
std::vector<std::uint8_t> assign(const Units& units, std::span<const Arm> arms, HashRule rule, std::string_view salt);
std::vector<std::int64_t> units_per_arm(std::span<const std::uint8_t> arm_of_unit, std::size_t num_arms);

}  // namespace cupel::ab
