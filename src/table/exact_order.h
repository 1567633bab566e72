#pragma once

#include <compare>
#include <cstdint>

namespace cupel::table {

/// An integer against a double by exact value, without rounding the integer; unordered with NaN.
std::partial_ordering compare_exactly(std::int64_t integer, double number);

}  // namespace cupel::table
