#include "table/exact_order.h"

#include <cmath>

namespace cupel::table {

std::partial_ordering compare_exactly(std::int64_t integer, double number) {
  if (std::isnan(number)) return std::partial_ordering::unordered;
  if (number >= 0x1p63) return std::partial_ordering::less;
  if (number < -0x1p63) return std::partial_ordering::greater;
  // The whole part is an int64 now; the rest decides a tie.
  const double whole = std::floor(number);
  const auto other = static_cast<std::int64_t>(whole);
  if (integer != other) return integer < other ? std::partial_ordering::less : std::partial_ordering::greater;
  return number > whole ? std::partial_ordering::less : std::partial_ordering::equivalent;
}

}  // namespace cupel::table
