#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "robustness/interval_verdict.h"
#include "robustness/model_subject.h"
#include "robustness/slices.h"
#include "stats/distributions.h"
#include "stats/means.h"
#include "stats/multiplicity.h"
#include "stats/proportion.h"

namespace cupel::robustness {
namespace {

using model::Evaluation;
using suite::Verdict;

constexpr double k_level = 0.05;
constexpr int k_slice_resamples = 500;

struct Settings {
  const suite::Expectation* expectation = nullptr;
  const model::Metric* metric = nullptr;
  std::vector<std::string> columns;
  SliceRules rules;
  bool is_gap = false;  ///< at_most: how much worse than the other rows; at_least: the metric itself
  double limit = 0;
};

/// One slice with two one-sided p-values: of "no worse than the limit" (small: it is worse) and of "no better" (small: it holds).
struct Judged {
  const Slice* slice = nullptr;
  double value = 0;  ///< the metric, or the gap
  stats::Interval interval;
  double p_worse = 1;
  double p_holds = 1;
};

/// Positions of the slice's rows in the evaluation of the rows under test.
Evaluation part_of(const Evaluation& all, const std::vector<std::int64_t>& rows, const std::vector<std::int64_t>& wanted, bool inside) {
  std::vector<std::int64_t> places;
  std::size_t next = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool found = next < wanted.size() && wanted[next] == rows[i];
    next += found ? 1 : 0;
    if (found == inside) places.push_back(static_cast<std::int64_t>(i));
  }
  return model::take(all, places);
}

/// Share of right decisions with an error that lets the rows of a group resemble each other (the variance of group sums of residuals);
/// infinite with fewer than two groups. Without groups every row is one.
stats::Estimate accuracy_estimate(const Evaluation& rows) {
  const std::size_t size = rows.num_rows();
  double right = 0;
  for (std::size_t i = 0; i < size; ++i) right += rows.decided[i] == rows.actual[i] ? 1 : 0;
  const double share = right / static_cast<double>(size);
  std::vector<double> sums;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t group = rows.clusters.empty() ? i : rows.clusters[i];
    if (group >= sums.size()) sums.resize(group + 1, 0);
    sums[group] += (rows.decided[i] == rows.actual[i] ? 1 : 0) - share;
  }
  const auto groups = static_cast<double>(sums.size());
  double squares = 0;
  for (const double sum : sums) squares += sum * sum;
  const double error = groups < 2 ? INFINITY : std::sqrt(squares * groups / (groups - 1)) / static_cast<double>(size);
  return {share, error, std::max(1.0, groups - 1)};
}

stats::Estimate estimate_of(const Settings& settings, const Evaluation& rows, const stats::BootstrapOptions& options) {
  if (settings.metric->name == "accuracy") return accuracy_estimate(rows);
  const auto statistic = settings.metric->prepare(std::make_shared<const Evaluation>(rows));
  const auto drawn = rows.clusters.empty() ? stats::bootstrap(rows.num_rows(), statistic, options)
                                           : stats::cluster_bootstrap(rows.clusters, statistic, options);
  if (!drawn) return {std::nan(""), INFINITY, 1};
  return {drawn->estimate, drawn->standard_error, INFINITY};
}

std::int64_t count_right(const Evaluation& rows) {
  std::int64_t right = 0;
  for (std::size_t i = 0; i < rows.num_rows(); ++i) right += rows.decided[i] == rows.actual[i] ? 1 : 0;
  return right;
}

/// Exact beside the limit distribution, whichever is more careful: the normal limit alone fires too often in small slices.
void add_exact(const Evaluation& rows, double threshold, Judged& judged) {
  const double share = std::clamp(threshold, 0.0, 1.0);
  const auto size = static_cast<std::int64_t>(rows.num_rows());
  judged.p_worse = std::max(judged.p_worse, stats::binomial_test(count_right(rows), size, share, stats::Alternative::less));
  judged.p_holds = std::max(judged.p_holds, stats::binomial_test(count_right(rows), size, share, stats::Alternative::greater));
}

Judged judge_slice(const Settings& settings, const Slice& slice, const Evaluation& all, const std::vector<std::int64_t>& rows,
                   stats::BootstrapOptions options) {
  options.purpose += "/" + slice.words;
  options.resamples = k_slice_resamples;
  options.confidence = 0.95;
  const double sign = settings.metric->higher_is_better ? 1 : -1;
  const Evaluation inside = part_of(all, rows, slice.rows, true);
  const stats::Estimate here = estimate_of(settings, inside, options);
  Judged out;
  out.slice = &slice;
  if (std::isnan(here.value)) return out;
  // Quality above the threshold, so that negative is worse, for either form of the limit.
  stats::Estimate margin{sign * (here.value - settings.limit), here.standard_error, here.degrees_of_freedom};
  double threshold = settings.limit;
  out.value = here.value;
  out.interval = here.interval(0.95);
  if (settings.is_gap) {
    const stats::Estimate rest = estimate_of(settings, part_of(all, rows, slice.rows, false), options);
    if (std::isnan(rest.value)) return out;
    out.value = sign * (rest.value - here.value);
    const stats::Estimate gap{out.value, std::hypot(here.standard_error, rest.standard_error), here.degrees_of_freedom};
    out.interval = gap.interval(0.95);
    margin = {settings.limit - gap.value, gap.standard_error, gap.degrees_of_freedom};
    threshold = rest.value - sign * settings.limit;
  }
  out.p_worse = margin.test(0, stats::Alternative::less).p_value;
  out.p_holds = margin.test(0, stats::Alternative::greater).p_value;
  if (settings.metric->name == "accuracy") add_exact(inside, threshold, out);
  return out;
}

Json chart_of(const std::vector<Judged>& judged) {
  Json rows = Json::array();
  for (const Judged& slice : judged) {
    if (!std::isfinite(slice.value) || !std::isfinite(slice.interval.low) || !std::isfinite(slice.interval.high)) continue;
    rows.push_back({{"value", slice.slice->words},
                    {"observed", slice.value},
                    {"low", slice.interval.low},
                    {"high", slice.interval.high},
                    {"rows", slice.slice->rows.size()}});
  }
  return {{"kind", "intervals"}, {"rows", rows}};
}

void decide(const Settings& settings, std::vector<Judged>& judged, std::int64_t too_small, suite::Outcome& outcome) {
  std::vector<double> p_values;
  for (const Judged& slice : judged) p_values.push_back(slice.p_worse);
  const std::vector<double> adjusted = stats::adjusted_p_values(p_values, stats::Correction::holm);
  const double smallest = *std::ranges::min_element(adjusted);
  const bool all_hold = std::ranges::all_of(judged, [](const Judged& slice) { return slice.p_holds <= k_level; });
  // The worst is the one that is farthest on the wrong side; a gap and a lower-is-better metric are worse when larger.
  const bool larger_is_worse = settings.is_gap || !settings.metric->higher_is_better;
  const auto worst =
      std::ranges::min_element(judged, {}, [&](const Judged& slice) { return larger_is_worse ? -slice.value : slice.value; });
  const Judged* shown = &*worst;
  if (smallest <= k_level) shown = &judged[static_cast<std::size_t>(std::ranges::min_element(adjusted) - adjusted.begin())];
  outcome.verdict = smallest <= k_level ? Verdict::fail : all_hold ? Verdict::pass : Verdict::inconclusive;
  outcome.observed = shown->value;
  outcome.p_value = smallest;
  if (std::isfinite(shown->interval.low) && std::isfinite(shown->interval.high))
    outcome.interval = suite::Interval{shown->interval.low, shown->interval.high, shown->interval.confidence};
  const std::string name = settings.is_gap ? fmt::format("gap of {}", settings.metric->name) : std::string(settings.metric->name);
  outcome.effect = suite::Effect{name, shown->value, settings.limit};
  const auto number = [](double value) { return number_text(std::round(value * 1e4) / 1e4); };
  const std::string seen = fmt::format("worst of {} slices: {} with {} {} on {} rows", judged.size(), shown->slice->words, name,
                                       number(shown->value), with_thousands(static_cast<std::int64_t>(shown->slice->rows.size())));
  const std::string expected = settings.expectation->predicate->words();
  std::string verdict;
  if (outcome.verdict == Verdict::fail) {
    const auto failed = std::ranges::count_if(adjusted, [](double p) { return p <= k_level; });
    verdict = fmt::format("expected {}: {} slice{} worse, also after Holm's correction over all (p {})", expected, failed,
                          failed == 1 ? " is" : "s are", smallest < 1e-4 ? "< 0.0001" : number(smallest));
  } else if (outcome.verdict == Verdict::pass) {
    verdict = fmt::format("expected {}: holds in every slice at level {} %", expected, number_text(100 * k_level));
  } else {
    const auto open = std::ranges::count_if(judged, [](const Judged& slice) { return slice.p_holds > k_level; });
    verdict = fmt::format("expected {}: not shown in {} slice{}, none is surely worse; more rows would decide", expected, open,
                          open == 1 ? "" : "s");
  }
  outcome.message = fmt::format("{}, {}", seen, verdict);
  if (too_small > 0) outcome.message += fmt::format("; {} smaller slice{} left out", too_small, too_small == 1 ? " was" : "s were");
  outcome.chart = chart_of(judged);
}

void judge(const Settings& settings, Trial& trial, suite::Outcome& outcome) {
  const auto rows = rows_under_test(*settings.expectation, trial, outcome);
  if (!rows) return;
  std::vector<std::string> columns = settings.columns;
  if (columns.empty()) {
    columns = trial.category_inputs();
    for (const std::string& name : trial.inputs_of(Target::number)) columns.push_back(name);
  }
  for (const std::string& name : columns) {
    if (!trial.table().schema().find(name)) return outcome.cannot(table::unknown_column(name, trial.table().schema()).value().text());
  }
  if (columns.empty()) return outcome.cannot("no column to cut slices by: the model reads neither categories nor numbers; state 'by'");
  const Slices slices = make_slices(trial.table(), columns, *rows, settings.rules);
  outcome.columns = columns;
  if (slices.slices.empty())
    return outcome.cannot(
        fmt::format("no slice has enough rows, {} are smaller than {} %", slices.too_small, number_text(100 * settings.rules.min_share)));
  const Evaluation all = model::take(*trial.clean(), *rows);
  const stats::BootstrapOptions options = bootstrap_options(trial, outcome);
  std::vector<Judged> judged;
  for (const Slice& slice : slices.slices) {
    const Judged one = judge_slice(settings, slice, all, *rows, options);
    judged.push_back(one);
  }
  decide(settings, judged, slices.too_small, outcome);
}

}  // namespace

Result<Judge> make_worst_slice(const suite::Expectation& expectation) {
  TRY(check_limits(expectation));
  Settings settings;
  settings.expectation = &expectation;
  ASSIGN_OR_RETURN(settings.metric, metric_of(expectation));
  settings.is_gap = expectation.predicate->name() == "at_most";
  if (!settings.metric->higher_is_better && !settings.is_gap) {
    return expectation.predicate->node.fail_here(fmt::format(
        "'at_least' of {}, where less is better, expected at_most: how much worse a slice may be than the others", settings.metric->name));
  }
  settings.limit = expectation.predicate->limits.front().number;
  if (const yaml::Node* node = expectation.parameter("by")) {
    ASSIGN_OR_RETURN(settings.columns, node->texts("'by'"));
  }
  if (const yaml::Node* node = expectation.parameter("depth")) {
    ASSIGN_OR_RETURN(const std::int64_t depth, node->integer("'depth'"));
    if (depth != 1 && depth != 2) return node->fail_here(fmt::format("'depth' is {}, expected 1 or 2", depth));
    settings.rules.depth = static_cast<int>(depth);
  }
  if (const yaml::Node* node = expectation.parameter("min_share")) {
    ASSIGN_OR_RETURN(settings.rules.min_share, node->share("'min_share'"));
  }
  return [settings](Trial& trial, suite::Outcome& outcome) { judge(settings, trial, outcome); };
}

}  // namespace cupel::robustness
