#include "robustness/interval_verdict.h"
#include "robustness/model_subject.h"

namespace cupel::robustness {

Result<Judge> make_metric(const suite::Expectation& expectation) {
  TRY(check_limits(expectation));
  ASSIGN_OR_RETURN(const model::Metric* metric, metric_of(expectation));
  return [&expectation, metric](Trial& trial, suite::Outcome& outcome) {
    const auto rows = rows_under_test(expectation, trial, outcome);
    if (!rows) return;
    const auto measured = model::measure(*metric, model::take(*trial.clean(), *rows), bootstrap_options(trial, outcome));
    if (!measured) return outcome.cannot(measured.error().text());
    if (!measured->interval) return outcome.cannot(fmt::format("{} has no interval on {} rows", metric->name, rows->size()));
    fill_measured(expectation, {std::string(metric->name), measured->value, *measured->interval, measured->method}, outcome);
  };
}

}  // namespace cupel::robustness
