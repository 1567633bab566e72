#pragma once

namespace cupel::stats {

/// A two-sided interval at a confidence level in (0, 1); one-sided ones have an infinite (or, for shares, 0 or 1) other end.
struct Interval {
  double low = 0;
  double high = 0;
  double confidence = 0.95;

  bool contains(double value) const { return low <= value && value <= high; }
  double width() const { return high - low; }
};

}  // namespace cupel::stats
