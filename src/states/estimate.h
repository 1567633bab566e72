#pragma once

namespace cupel::states {

/// An answer with its error bound: the true value lies in [low, high] with at least this confidence. Exact answers have low = value = high
/// and confidence 1.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
  double confidence = 1;
  static Estimate exactly(double value) { return {value, value, value, 1}; }
  bool is_exact() const { return confidence == 1 && low == high; }
};

}  // namespace cupel::states
