#include "base/text.h"
#include "robustness/exercised.h"
#include "robustness/interval_verdict.h"
#include "robustness/model_subject.h"
#include "robustness/paired_metric.h"

namespace cupel::robustness {
namespace {

void judge(const suite::Expectation& expectation, const model::Metric& metric, const Change& change, Trial& trial,
           suite::Outcome& outcome) {
  const auto exercised = exercised_rows(expectation, change, trial, outcome);
  if (!exercised) return;
  const auto before = std::make_shared<const model::Evaluation>(model::take(*trial.clean(), exercised->rows));
  const auto after = std::make_shared<const model::Evaluation>(model::take(*exercised->perturbed->evaluation, exercised->rows));
  const auto compared = compare_metric(metric, after, before, bootstrap_options(trial, outcome));
  if (!compared) return outcome.cannot(compared.error().text());
  outcome.p_value = compared->p_value;
  fill_measured(
      expectation,
      {fmt::format("drop of {} under {}", metric.name, change.words()), compared->difference, compared->interval, compared->method},
      outcome);
  outcome.message += exercised->note;
}

}  // namespace

Result<Judge> make_drop(const suite::Expectation& expectation) {
  TRY(check_limits(expectation));
  ASSIGN_OR_RETURN(const model::Metric* metric, metric_of(expectation));
  ASSIGN_OR_RETURN(const Change change, read_under(expectation));
  return [&expectation, metric, change](Trial& trial, suite::Outcome& outcome) { judge(expectation, *metric, change, trial, outcome); };
}

}  // namespace cupel::robustness
