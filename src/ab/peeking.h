#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "stats/group_sequential.h"
#include "stats/means.h"

namespace cupel::ab {

/// How often the data will have been looked at: a fixed interval holds for one look only.
struct Peeking {
  enum class Kind {
    once,          ///< one look, at the end
    looks,         ///< look `look` of `of` planned, equally spaced ones (group-sequential)
    always_valid,  ///< any number of looks (asymptotic confidence sequence)
  };
  Kind kind = Kind::once;
  int look = 1;
  int of = 1;
  stats::Spending spending = stats::Spending::obrien_fleming;
  double tuning_n = 5000;  ///< of always_valid: narrowest there

  /// "one look", "look 2 of 5 (O'Brien-Fleming spending)", "valid at every look".
  std::string text() const;
};

/// "3/5".
Result<Peeking> parse_look(std::string_view text, std::string_view spending);

/// Interval that holds under this peeking; `n`: units in all. For `looks` the repeated confidence interval: estimate -/+ the bound of this
/// look times the error (with Student's quantile of the same tail).
stats::Interval interval_under(const Peeking& peeking, const stats::Estimate& estimate, double n, double confidence);
/// p-value of no difference: always-valid for always_valid, else the fixed one (compare it with the look's own level, not with alpha).
double p_value_under(const Peeking& peeking, const stats::Estimate& estimate, double n, double confidence);

}  // namespace cupel::ab
