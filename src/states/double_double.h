#pragma once

#include <cstddef>
#include <vector>

namespace cupel::states {

/// An unevaluated sum of two doubles, about 32 decimal digits (Dekker 1971; Knuth, TAOCP 2, 4.2.2: TwoSum). On overflow an infinity, never a
/// NaN.
struct DoubleDouble {
  double high = 0;
  double low = 0;
  void add(double value);
  void add(DoubleDouble value);
  double value() const { return high + low; }
};

/// Independent partial sums round less than one long sum and do not wait for each other.
inline constexpr std::size_t k_sum_lanes = 8;

/// The sum of finite values.
DoubleDouble sum_of(const std::vector<double>& values);
/// The quotient by a count, to about 100 bits.
DoubleDouble divide(DoubleDouble sum, double count);
/// a * b, exactly but for overflow and underflow (FMA).
DoubleDouble product(double a, double b);

}  // namespace cupel::states
