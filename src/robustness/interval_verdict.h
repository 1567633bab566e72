#pragma once

#include <string>

#include "base/result.h"
#include "stats/interval.h"
#include "suite/suite.h"

namespace cupel::robustness {

/// pass when every value of the interval satisfies the predicate, fail when none does, else inconclusive.
suite::Verdict interval_verdict(const suite::Predicate& predicate, const stats::Interval& interval);

/// The predicates that an interval can decide: at_least, at_most, between, less_than, more_than. Limits must be numbers or shares; `what`
/// names the subject in the error.
Result<void> check_limits(const suite::Expectation& expectation);

/// Fills verdict, observed, interval, effect and message: "auc 0.9503 (95 % interval 0.9446 to 0.9556, cluster bootstrap): …".
struct Measured {
  std::string name;  ///< of the observed quantity
  double value = 0;
  stats::Interval interval;
  std::string method;
  bool is_share = false;  ///< printed as a percentage
};
void fill_measured(const suite::Expectation& expectation, const Measured& measured, suite::Outcome& outcome);

}  // namespace cupel::robustness
