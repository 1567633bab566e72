#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cupel::cli {

// The parts of `cupel ab`, one file each; each gets the words after its name.
Result<int> ab_analyze(std::span<const std::string> words);
Result<int> ab_assign(std::span<const std::string> words);
Result<int> ab_plan(std::span<const std::string> words);
Result<int> ab_simulate(std::span<const std::string> words);

/// "5%" or "0.05", possibly with a sign: 0.05. `option` names it in the error.
Result<double> amount_of(std::string_view option, std::string_view text);
/// The same inside (low, high).
Result<double> amount_between(std::string_view option, std::string_view text, double low, double high);

}  // namespace cupel::cli
