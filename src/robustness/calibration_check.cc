#include <cmath>

#include "base/text.h"
#include "robustness/calibration_error.h"
#include "robustness/interval_verdict.h"
#include "robustness/model_subject.h"

namespace cupel::robustness {
namespace {

constexpr double k_level = 0.05;

/// Without a limit: a test of perfect calibration, which is all that few rows can refute.
void judge_test(const CalibrationError& found, suite::Outcome& outcome) {
  outcome.pass_if(found.p_value > k_level);
  outcome.message = fmt::format("calibration error {} where perfect calibration stays below {} in 95 % of such samples, p {}: {}",
                                percent_text(found.error), percent_text(found.null_95), number_text(std::round(found.p_value * 1e4) / 1e4),
                                found.p_value > k_level ? "no miscalibration shown" : "the probabilities do not mean what they say");
}

void judge(const suite::Expectation& expectation, int bins, Trial& trial, suite::Outcome& outcome) {
  const auto rows = rows_under_test(expectation, trial, outcome);
  if (!rows) return;
  const auto found = calibration_error(model::take(*trial.clean(), *rows), bins, bootstrap_options(trial, outcome));
  if (!found) return outcome.cannot(found.error().text());
  if (expectation.predicate) {
    fill_measured(expectation,
                  {"calibration error", found->error, found->interval, trial.is_grouped() ? "bootstrap of groups" : "bootstrap", true},
                  outcome);
    outcome.message += fmt::format("; perfect calibration would show up to {}", percent_text(found->null_95));
  } else {
    outcome.observed = found->error;
    outcome.interval = suite::Interval{found->interval.low, found->interval.high, found->interval.confidence};
    outcome.effect = suite::Effect{"calibration error", found->error, std::nullopt};
    judge_test(*found, outcome);
  }
  outcome.p_value = found->p_value;
}

}  // namespace

Result<Judge> make_calibration(const suite::Expectation& expectation) {
  TRY(check_limits(expectation));
  if (expectation.arguments.front() != "ece")
    return expectation.subject_node.fail_here(
        fmt::format("'calibration' is '{}', expected ece, the expected calibration error", shorten(expectation.arguments.front(), 60)));
  std::int64_t bins = 10;
  if (const yaml::Node* node = expectation.parameter("bins")) {
    ASSIGN_OR_RETURN(bins, node->integer("'bins'"));
    if (bins < 2 || bins > 1000) return node->fail_here(fmt::format("'bins' is {}, expected 2 to 1000", bins));
  }
  return [&expectation, bins = static_cast<int>(bins)](Trial& trial, suite::Outcome& outcome) { judge(expectation, bins, trial, outcome); };
}

}  // namespace cupel::robustness
