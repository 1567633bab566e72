#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include "prove/detectable_change.h"

namespace cupel::prove {

/// The accepted range of a predicate that compares one number.
struct Range {
  std::optional<double> low;
  std::optional<double> high;
  bool strict_low = false;   ///< more_than
  bool strict_high = false;  ///< less_than
  bool as_share = false;
};
inline std::optional<Range> range_of(const suite::Expectation& expectation) {
  if (!expectation.predicate || expectation.predicate->limits.empty() || !expectation.predicate->has_only_numbers()) return std::nullopt;
  const auto& limits = expectation.predicate->limits;
  const std::string_view name = expectation.predicate->name();
  Range range;
  range.as_share = limits[0].kind == suite::Limit::Kind::share;
  if (name == "at_most" || name == "less_than") {
    range.high = limits[0].number;
    range.strict_high = name == "less_than";
  } else if (name == "at_least" || name == "more_than") {
    range.low = limits[0].number;
    range.strict_low = name == "more_than";
  } else if (name == "between" || name == "equals") {
    range.low = limits.front().number;
    range.high = limits.back().number;
  } else {
    return std::nullopt;
  }
  return range;
}

/// The observed numbers of the clean batches, ascending, and means of what stands beside them.
struct Observed {
  std::vector<double> values;
  double rows_tested = 0;
  double unexpected = 0;
};
inline Observed observed_of(const CleanSide& clean, std::size_t expectation) {
  Observed all;
  double batches = 0;
  for (const auto& judgements : clean.judgements) {
    const Judgement& judgement = judgements[expectation];
    if (!judgement.observed || judgement.verdict == suite::Verdict::error) continue;
    all.values.push_back(*judgement.observed);
    all.rows_tested += static_cast<double>(judgement.rows_tested.value_or(0));
    all.unexpected += static_cast<double>(judgement.unexpected.value_or(0));
    ++batches;
  }
  if (batches > 0) {
    all.rows_tested /= batches;
    all.unexpected /= batches;
  }
  std::ranges::sort(all.values);
  return all;
}

inline bool is_row_wise(const suite::Expectation& expectation) { return expectation.subject->takes_mostly; }
/// Subjects that count unexpected rows and compare a share or a count.
inline bool counts_rows(const suite::Expectation& expectation) { return expectation.subject->name == "nulls" || expectation.subject->name == "duplicates"; }

}  // namespace cupel::prove
