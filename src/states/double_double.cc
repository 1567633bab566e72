#include "states/double_double.h"

#include <array>
#include <cmath>

namespace cupel::states {
namespace {

DoubleDouble two_sum(double a, double b) {
  const double sum = a + b;
  const double b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

}  // namespace

void DoubleDouble::add(double value) { add(DoubleDouble{value, 0}); }

void DoubleDouble::add(DoubleDouble value) {
  const DoubleDouble sum = two_sum(high, value.high);
  if (!std::isfinite(sum.high)) {
    *this = {sum.high, 0};
    return;
  }
  const double rest = sum.low + low + value.low;
  *this = two_sum(sum.high, rest);
}

DoubleDouble divide(DoubleDouble sum, double count) {
  const double first = sum.value() / count;
  const double rest = std::fma(-first, count, sum.high) + sum.low;
  return two_sum(first, rest / count);
}

DoubleDouble product(double a, double b) {
  const double high = a * b;
  return {high, std::isfinite(high) ? std::fma(a, b, -high) : 0};
}

DoubleDouble sum_of(const std::vector<double>& values) {
  std::array<double, k_sum_lanes> high{};
  std::array<double, k_sum_lanes> low{};
  std::size_t i = 0;
  for (; i + k_sum_lanes <= values.size(); i += k_sum_lanes) {
    for (std::size_t lane = 0; lane < k_sum_lanes; ++lane) {
      const DoubleDouble sum = two_sum(high[lane], values[i + lane]);
      high[lane] = sum.high;
      low[lane] += sum.low;
    }
  }
  DoubleDouble total;
  for (std::size_t lane = 0; lane < k_sum_lanes; ++lane) total.add(DoubleDouble{high[lane], low[lane]});
  for (; i < values.size(); ++i) total.add(values[i]);
  return total;
}

}  // namespace cupel::states
