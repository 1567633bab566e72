#pragma once

#include <cmath>
#include <string>

#include "base/text.h"

namespace cupel::prove {

/// A number with `digits` significant digits, moved away from the middle: limits are written shorter than they are known, never tighter.
inline double outward(double value, bool up, int digits = 4) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double scale = std::pow(10.0, digits - 1 - static_cast<int>(std::floor(std::log10(std::abs(value)))));
  const double scaled = value * scale;
  const double rounded = up ? std::ceil(scaled - 1e-9 * std::abs(scaled)) : std::floor(scaled + 1e-9 * std::abs(scaled));
  const double result = rounded / scale;
  if (up ? result >= value : result <= value) return result;
  return (up ? rounded + 1 : rounded - 1) / scale;  // 1.7999999999999998 downwards is 1.799, not itself
}

inline std::string upper_text(double value) { return exact_text(outward(value, true)); }
inline std::string lower_text(double value) { return exact_text(outward(value, false)); }
/// 0.0490 -> "4.9%".
inline std::string upper_percent(double share) { return exact_text(std::min(100.0, outward(share * 100, true))) + "%"; }
inline std::string lower_percent(double share) { return exact_text(std::max(0.0, outward(share * 100, false))) + "%"; }
/// "mostly: 99.87%" for at most this share of unexpected rows.
inline std::string mostly_line(double unexpected) { return "mostly: " + exact_text(std::floor((1 - unexpected) * 1e7) / 1e5) + "%"; }

}  // namespace cupel::prove
