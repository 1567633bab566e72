#include "expectations/quantile_bounds.h"

#include <limits>

#include "base/text.h"

namespace cupel::expectations {

int need_window(states::Plan& plan, int field, const Planning& again, const states::Estimate& bounds) {
  const auto make = [low = bounds.low, high = bounds.high, limit = again.state_bytes](std::span<const int> slots) {
    return std::make_unique<states::QuantileWindow>(slots[0], low, high, limit);
  };
  return plan.need(fmt::format("quantile_window {} {}", exact_text(bounds.low), exact_text(bounds.high)), {{field, table::ColumnRequest::As::native}}, again.where, make);
}

states::Estimate narrowed_quantile(const states::QuantileWindow& window, double p) {
  if (const auto value = window.quantile(p)) return *value;
  constexpr double k_infinite = std::numeric_limits<double>::infinity();
  const bool lower = p * static_cast<double>(window.count() - 1) < static_cast<double>(window.below());
  return lower ? states::Estimate{window.low(), -k_infinite, window.high(), 0.5} : states::Estimate{window.high(), window.low(), k_infinite, 0.5};
}

}  // namespace cupel::expectations
