#pragma once

#include <optional>

#include "expectations/data_check.h"
#include "states/quantile_window.h"

namespace cupel::expectations {

/// Asks for the state that counts and keeps only what lies between the bounds of a quantile that its sketch cannot decide.
int need_window(states::Plan& plan, int field, const Planning& again, const states::Estimate& bounds);

/// The quantile by such a window. The sketch's bounds hold but for one time in a million; then the value lies on the side that the counts tell,
/// and bounds beyond ask for another scan.
states::Estimate narrowed_quantile(const states::QuantileWindow& window, double p);

}  // namespace cupel::expectations
