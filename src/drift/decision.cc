#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "drift/finding.h"
#include "stats/distributions.h"

namespace cupel::drift {
namespace {

using suite::Verdict;

bool is_share(Distance distance) { return distance != Distance::wasserstein; }

std::string distance_text(Distance distance, double value) {
  return is_share(distance) ? percent_text(value) : fmt::format("{} sd", number_text(std::round(value * 1e3) / 1e3));
}

/// A stated number as it was stated: "10 %", not "10.00 %".
std::string margin_text(Distance distance, double margin) {
  return is_share(distance) ? fmt::format("{} %", number_text(margin * 100)) : distance_text(distance, margin);
}

std::string_view distance_words(Distance distance) {
  switch (distance) {
    case Distance::ks: return "largest gap of the distributions (KS)";
    case Distance::total_variation: return "rows in another category (total variation)";
    case Distance::auc: return "told apart by words (2 AUC - 1)";
    case Distance::wasserstein: return "values moved (Wasserstein)";
  }
  return "";
}

std::string_view aspect_words(const Finding& finding) {
  if (finding.question.aspect == Aspect::nulls) return "change of the null share";
  return distance_words(finding.distance);
}

/// What the test needs to speak up, plus what 80 % of samples show below the true distance. A quantity that never varied (all null, all
/// equal) is bounded by the rule of three.
double find_detectable(const Finding& finding, double alpha_each) {
  const Resampled& sampled = finding.sampled;
  const double needed = std::max(sampled.null_95, sampled.null_mean + stats::normal_quantile(1 - alpha_each) * sampled.null_stddev);
  const auto smaller = static_cast<double>(std::max<std::int64_t>(1, std::min(finding.units_reference, finding.units_current)));
  return std::max(needed + 0.84 * std::max(sampled.standard_error, sampled.null_stddev), 3 / smaller);
}

std::string p_text(double p) { return p < 0.0001 ? "p < 0.0001" : fmt::format("p {}", number_text(std::round(p * 1e4) / 1e4)); }

void decide_one(Finding& finding, double alpha, std::size_t num_tests) {
  if (finding.cannot) {
    finding.verdict = Verdict::error;
    finding.message = *finding.cannot;
    return;
  }
  if (finding.rows_reference == 0 && finding.rows_current == 0) {
    finding.verdict = Verdict::pass;
    finding.message = finding.detail;
    return;
  }
  finding.detectable = find_detectable(finding, alpha / static_cast<double>(num_tests));
  const bool there = finding.adjusted_p <= alpha;
  const bool matters = finding.sampled.distance >= finding.question.margin;
  const bool could_see = finding.detectable <= finding.question.margin;
  const std::string margin = margin_text(finding.distance, finding.question.margin);
  const std::string seen = fmt::format("{} {}, {}", aspect_words(finding), distance_text(finding.distance, finding.sampled.distance),
                                       p_text(finding.adjusted_p));
  std::string judged;
  if (there && matters) {
    finding.verdict = Verdict::fail;
    judged = fmt::format("drift, and not less than the margin {}", margin);
  } else if (there) {
    finding.verdict = Verdict::pass;
    judged = fmt::format("there, but below the margin {}", margin);
  } else if (matters || !could_see) {
    finding.verdict = Verdict::inconclusive;
    judged =
        fmt::format("not shown, but {} {} against {} can only show {} (margin {})", "samples of", with_thousands(finding.units_reference),
                    with_thousands(finding.units_current), distance_text(finding.distance, finding.detectable), margin);
  } else {
    finding.verdict = Verdict::pass;
    judged = fmt::format("no drift of {} or more", margin);
  }
  finding.message = fmt::format("{}: {}", seen, judged);
  if (!finding.detail.empty()) finding.message += fmt::format("; {}", finding.detail);
}

}  // namespace

void decide(std::vector<Finding>& findings, const Rule& rule) {
  std::vector<double> p_values;
  for (const Finding& finding : findings) {
    if (!finding.cannot) p_values.push_back(finding.p_value);
  }
  const std::vector<double> adjusted = stats::adjusted_p_values(p_values, rule.correction);
  std::size_t next = 0;
  for (Finding& finding : findings) {
    if (!finding.cannot) finding.adjusted_p = adjusted[next++];
    decide_one(finding, rule.alpha, std::max<std::size_t>(1, p_values.size()));
  }
}

suite::Outcome dataset_outcome(std::span<const Finding> findings, const Rule& rule) {
  suite::Outcome outcome;
  outcome.id = outcome.subject = "dataset_drift";
  int failed = 0, unsure = 0, compared = 0;
  double smallest = 1;
  std::string names;
  for (const Finding& finding : findings) {
    if (finding.cannot) continue;
    ++compared;
    smallest = std::min(smallest, finding.adjusted_p);
    failed += finding.verdict == Verdict::fail ? 1 : 0;
    unsure += finding.verdict == Verdict::inconclusive ? 1 : 0;
    if (finding.verdict == Verdict::fail)
      names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", finding.question.column, aspect_name(finding.question.aspect));
  }
  if (compared == 0) {
    outcome.cannot("nothing could be compared");
    return outcome;
  }
  outcome.verdict = failed > 0 ? Verdict::fail : unsure > 0 ? Verdict::inconclusive : Verdict::pass;
  outcome.p_value = smallest;
  outcome.observed = static_cast<double>(failed) / compared;
  outcome.effect = suite::Effect{"share_drifted", static_cast<double>(failed) / compared, std::nullopt};
  const bool shares_false_ones = rule.correction == stats::Correction::benjamini_hochberg;
  const std::string chance = shares_false_ones
                                 ? fmt::format("at most {} % of such findings are false on average (Benjamini-Hochberg over {})",
                                               number_text(rule.alpha * 100), compared)
                                 : fmt::format("chance of any false alarm at most {} % ({} over {})", number_text(rule.alpha * 100),
                                               stats::correction_name(rule.correction), compared);
  if (failed > 0)
    outcome.message = fmt::format("{} of {} drifted: {}; {}", failed, compared, names, chance);
  else if (unsure > 0)
    outcome.message = fmt::format("no drift shown, {} of {} could not be decided; {}", unsure, compared, chance);
  else
    outcome.message = fmt::format("none of {} drifted; {}", compared, chance);
  return outcome;
}

}  // namespace cupel::drift
