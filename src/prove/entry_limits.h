#pragma once

#include <optional>

#include "prove/candidate.h"
#include "prove/evaluator.h"
#include "suite/suite.h"

namespace cupel::prove {

/// The limits of an expectation as numbers that can be compared with what was observed, and written anew.
struct EntryLimits {
  enum class Kind {
    none,        ///< no number decides (names of columns, order, a distribution)
    number,      ///< mean, quantile, distinct: `between: [40, 46]`
    share,       ///< of rows: `at_most: 4.9%`
    unexpected,  ///< share of rows that do not meet it, at most: `mostly: 99.5%`
  };
  Kind kind = Kind::none;
  bool counted = false;  ///< of `share`: what is observed is a count (`equals: 0`)
  std::optional<double> low{};
  std::optional<double> high{};
  bool whole = false;  ///< of `number`: a count, whose limits are whole
};

EntryLimits limits_of(const suite::Expectation& expectation);
/// What is compared with them; nothing if there is no number.
std::optional<double> compared(const EntryLimits& limits, const Judgement& judgement);
/// The entry with other limits of the same kind; at least one end (of `unexpected` the upper one; 0 leaves no `mostly`).
Entry with_limits(Entry entry, const EntryLimits& limits);

}  // namespace cupel::prove
