#include "robustness/interval_verdict.h"

#include <cmath>

#include "base/text.h"

namespace cupel::robustness {

using suite::Verdict;

Verdict interval_verdict(const suite::Predicate& predicate, const stats::Interval& interval) {
  const std::string_view name = predicate.name();
  const double limit = predicate.limits.front().number;
  bool all = false, none = false;
  if (name == "at_least") {
    all = interval.low >= limit;
    none = interval.high < limit;
  } else if (name == "more_than") {
    all = interval.low > limit;
    none = interval.high <= limit;
  } else if (name == "at_most") {
    all = interval.high <= limit;
    none = interval.low > limit;
  } else if (name == "less_than") {
    all = interval.high < limit;
    none = interval.low >= limit;
  } else {
    const double high = predicate.limits.back().number;
    all = interval.low >= limit && interval.high <= high;
    none = interval.high < limit || interval.low > high;
  }
  return all ? Verdict::pass : none ? Verdict::fail : Verdict::inconclusive;
}

Result<void> check_limits(const suite::Expectation& expectation) {
  if (!expectation.predicate || expectation.predicate->has_only_numbers()) return {};
  return expectation.predicate->node.fail_here(fmt::format("'{}' of '{}' is {}, expected a number or a share",
                                                           expectation.predicate->name(), expectation.subject->name,
                                                           expectation.predicate->node.description()));
}

void fill_measured(const suite::Expectation& expectation, const Measured& measured, suite::Outcome& outcome) {
  const auto text = [&](double value) { return measured.is_share ? percent_text(value) : number_text(std::round(value * 1e4) / 1e4); };
  outcome.observed = measured.value;
  outcome.interval = suite::Interval{measured.interval.low, measured.interval.high, measured.interval.confidence};
  outcome.verdict = interval_verdict(*expectation.predicate, measured.interval);
  std::optional<double> margin;
  if (expectation.predicate->limits.size() == 1) margin = expectation.predicate->limits.front().number;
  outcome.effect = suite::Effect{measured.name, measured.value, margin};
  const std::string_view judged = outcome.verdict == Verdict::pass   ? "all of it holds"
                                  : outcome.verdict == Verdict::fail ? "none of it holds"
                                                                     : "more rows would decide";
  outcome.message = fmt::format("{} {} ({} % interval {} to {}, {}), expected {}: {}", measured.name, text(measured.value),
                                number_text(100 * measured.interval.confidence), text(measured.interval.low), text(measured.interval.high),
                                measured.method, expectation.predicate->words(), judged);
}

}  // namespace cupel::robustness
