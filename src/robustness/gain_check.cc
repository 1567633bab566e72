#include <algorithm>

#include "base/text.h"
#include "robustness/interval_verdict.h"
#include "robustness/model_subject.h"
#include "robustness/paired_metric.h"

namespace cupel::robustness {
namespace {

/// Always answers the more frequent class, with the share of positives as its probability: what anyone can do without a model.
std::shared_ptr<const model::Evaluation> majority(const model::Evaluation& rows) {
  model::Evaluation out = rows;
  const auto positives = static_cast<double>(std::ranges::count(rows.actual, 1));
  const double share = positives / static_cast<double>(rows.num_rows());
  std::ranges::fill(out.scores, share);
  std::ranges::fill(out.decided, static_cast<std::uint8_t>(share >= 0.5 ? 1 : 0));
  return std::make_shared<const model::Evaluation>(std::move(out));
}

void judge(const suite::Expectation& expectation, const model::Metric& metric, const std::string& over, Trial& trial,
           suite::Outcome& outcome) {
  const auto rows = rows_under_test(expectation, trial, outcome);
  if (!rows) return;
  const auto mine = std::make_shared<const model::Evaluation>(model::take(*trial.clean(), *rows));
  std::shared_ptr<const model::Evaluation> other;
  if (over == "majority") {
    other = majority(*mine);
  } else {
    const auto scored = trial.of_model(over);
    if (!scored) return outcome.cannot(scored.error().text());
    other = std::make_shared<const model::Evaluation>(model::take(**scored, *rows));
  }
  const auto compared = compare_metric(metric, other, mine, bootstrap_options(trial, outcome));
  if (!compared) return outcome.cannot(compared.error().text());
  outcome.p_value = compared->p_value;
  fill_measured(expectation,
                {fmt::format("gain of {} over {}", metric.name, over), compared->difference, compared->interval, compared->method},
                outcome);
}

}  // namespace

Result<Judge> make_gain(const suite::Expectation& expectation) {
  TRY(check_limits(expectation));
  ASSIGN_OR_RETURN(const model::Metric* metric, metric_of(expectation));
  const yaml::Node* node = expectation.parameter("over");
  if (node == nullptr)
    return expectation.entry.fail_here("'gain' without 'over', expected majority, against or a model such as reviews@champion");
  ASSIGN_OR_RETURN(const std::string over, node->text("'over'"));
  return [&expectation, metric, over](Trial& trial, suite::Outcome& outcome) { judge(expectation, *metric, over, trial, outcome); };
}

}  // namespace cupel::robustness
