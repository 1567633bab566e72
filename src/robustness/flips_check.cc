#include <algorithm>

#include "base/text.h"
#include "robustness/exercised.h"
#include "robustness/interval_verdict.h"
#include "robustness/model_subject.h"
#include "stats/proportion.h"

namespace cupel::robustness {
namespace {

/// Wilson's interval; where rows belong together also the bootstrap of groups, and the wider end of both: with no flip at all the
/// bootstrap alone would be a point.
Result<stats::Interval> share_interval(const std::vector<double>& flipped, const std::vector<std::uint32_t>& clusters,
                                       const stats::BootstrapOptions& options) {
  const auto count = static_cast<std::int64_t>(std::ranges::count(flipped, 1.0));
  stats::Interval interval = stats::wilson(count, static_cast<std::int64_t>(flipped.size()), options.confidence);
  if (clusters.empty()) return interval;
  const auto share = [&](std::span<const double> weights) {
    double rows = 0, hits = 0;
    for (std::size_t row = 0; row < flipped.size(); ++row) {
      rows += weights[row];
      hits += weights[row] * flipped[row];
    }
    return hits / rows;
  };
  ASSIGN_OR_RETURN(const stats::BootstrapInterval drawn, stats::cluster_bootstrap(clusters, share, options));
  interval.low = std::min(interval.low, drawn.percentile.low);
  interval.high = std::max(interval.high, drawn.percentile.high);
  return interval;
}

/// "No decision at all changes" is a rule about the rows at hand: decided exactly, without an interval.
bool is_exact(const suite::Predicate& predicate) {
  return predicate.name() == "equals" || (predicate.name() == "at_most" && predicate.limits.front().number == 0);
}

void judge(const suite::Expectation& expectation, const Change& change, Trial& trial, suite::Outcome& outcome) {
  const auto exercised = exercised_rows(expectation, change, trial, outcome);
  if (!exercised) return;
  const model::Evaluation before = model::take(*trial.clean(), exercised->rows),
                          after = model::take(*exercised->perturbed->evaluation, exercised->rows);
  std::vector<double> flipped;
  suite::Unexpected unexpected;
  for (std::size_t row = 0; row < before.num_rows(); ++row) {
    flipped.push_back(before.decided[row] != after.decided[row] ? 1 : 0);
    if (flipped.back() == 0) continue;
    ++unexpected.count;
    if (unexpected.examples.size() < 5)
      unexpected.examples.push_back({trial.row_number(exercised->rows[row]),
                                     fmt::format("{} -> {}", percent_text(before.scores[row]), percent_text(after.scores[row]))});
  }
  const double share = static_cast<double>(unexpected.count) / static_cast<double>(flipped.size());
  unexpected.share = share;
  const auto interval = share_interval(flipped, before.clusters, bootstrap_options(trial, outcome));
  if (!interval) return outcome.cannot(interval.error().text());
  const std::string method = before.clusters.empty() ? "Wilson" : "Wilson and bootstrap of groups";
  fill_measured(expectation, {fmt::format("flips under {}", change.words()), share, *interval, method, true}, outcome);
  if (is_exact(*expectation.predicate)) {
    outcome.pass_if(expectation.predicate->accepts(share));
    outcome.message =
        fmt::format("{} of {} decisions flipped under {}, expected {}", with_thousands(unexpected.count),
                    with_thousands(static_cast<std::int64_t>(flipped.size())), change.words(), expectation.predicate->words());
  }
  outcome.message += exercised->note;
  outcome.unexpected = std::move(unexpected);
}

}  // namespace

Result<Judge> make_flips(const suite::Expectation& expectation) {
  TRY(check_limits(expectation));
  if (expectation.arguments.front() != "decisions") {
    return expectation.subject_node.fail_here(
        fmt::format("'flips' is '{}', expected the word decisions", shorten(expectation.arguments.front(), 60)),
        "the perturbation stands in 'under', e.g. {flips: decisions, under: typos, at_most: 5%}");
  }
  ASSIGN_OR_RETURN(const Change change, read_under(expectation));
  return [&expectation, change](Trial& trial, suite::Outcome& outcome) { judge(expectation, change, trial, outcome); };
}

}  // namespace cupel::robustness
