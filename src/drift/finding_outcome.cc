#include "drift/finding_outcome.h"

#include "base/text.h"

namespace cupel::drift {
namespace {

std::string_view effect_name(const Finding& finding) {
  return finding.question.aspect == Aspect::nulls ? "null_share_change" : distance_name(finding.distance);
}

}  // namespace

void fill_outcome(const Finding& finding, suite::Outcome& outcome) {
  if (finding.cannot) {
    outcome.cannot(*finding.cannot);
    return;
  }
  outcome.verdict = finding.verdict;
  outcome.message = finding.message;
  outcome.rows_tested = finding.rows_reference + finding.rows_current;
  outcome.observed = finding.sampled.distance;
  outcome.effect = suite::Effect{std::string(effect_name(finding)), finding.sampled.distance, finding.question.margin};
  if (finding.rows_reference == 0 || finding.rows_current == 0) return;
  outcome.interval = suite::Interval{finding.sampled.interval.low, finding.sampled.interval.high, finding.sampled.interval.confidence};
  outcome.p_value = finding.adjusted_p;
  const bool is_share = finding.distance != Distance::wasserstein;
  outcome.detectable = fmt::format("{} of {} or more in 80 % of samples of {} and {} {}", effect_name(finding),
                                   is_share ? percent_text(finding.detectable) : number_text(finding.detectable) + " sd",
                                   with_thousands(finding.units_reference), with_thousands(finding.units_current),
                                   finding.units_reference == finding.rows_reference ? "rows" : "units");
  outcome.chart = finding.chart;
  if (outcome.chart.is_object()) {
    outcome.chart["test"] = finding.test;
    outcome.chart["p_value_uncorrected"] = finding.p_value;
    outcome.chart["without_drift_95"] = finding.sampled.null_95;
  }
}

}  // namespace cupel::drift
