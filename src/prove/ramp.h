#pragma once

#include <string>
#include <string_view>

#include "prove/column_facts.h"
#include "table/table.h"

namespace cupel::prove {

/// A change of the data that grows with an amount: along a ramp the smallest change is looked for that an expectation catches. For the same seed
/// and batch a larger amount hits all rows that a smaller one hits, so that detection grows with the amount.
///
/// - `nulls`: each present value lost with probability `amount`
/// - `unexpected`: each present value replaced, with probability `amount`, by `value`
/// - `shift`: `amount` added to every number
/// - `spread`: numbers times `amount` about the mean of the baseline
/// - `outliers`: each number, with probability `amount`, far beyond the greatest of the baseline (as the fault outliers)
/// - `moved`: each present value replaced, with probability `amount`, by `value` (a category)
/// - `duplicates`: each row takes, with probability `amount`, the key of the row before
/// - `distinct`: a share of the present rows gets values of their own
/// - `unrelated`: each row takes, with probability `amount`, the value of another row
struct Ramp {
  std::string kind;
  int field = -1;
  std::string value{};
  double most = 1;       ///< largest amount that makes sense
  bool downwards = false;  ///< shift: the amounts are negative
};

table::Table climb(const Ramp& ramp, double amount, const table::Table& batch, const BaselineFacts& baseline, std::uint64_t seed, std::uint64_t index);

}  // namespace cupel::prove
