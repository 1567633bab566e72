#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ab/prediction_pair.h"
#include "ab/sample_ratio.h"
#include "base/text.h"
#include "stats/auc.h"
#include "stats/clusters.h"
#include "stats/mcnemar.h"
#include "stats/probability_scores.h"

namespace cupel::ab {
namespace {

using suite::Outcome;

/// One number a row whose mean is the metric (not the AUC).
std::vector<double> row_scores(const PredictionPair& pair, int model, Metric metric) {
  std::vector<double> scores;
  for (std::size_t row = 0; row < pair.positive.size(); ++row) {
    switch (metric) {
      case Metric::accuracy: scores.push_back(pair.correct[model][row]); break;
      case Metric::brier: scores.push_back(std::pow(pair.probability[model][row] - pair.positive[row], 2)); break;
      case Metric::log_loss: scores.push_back(stats::log_loss_of(pair.probability[model][row], pair.positive[row])); break;
      case Metric::auc: break;
    }
  }
  return scores;
}

std::vector<std::uint32_t> clusters_or_rows(const PredictionPair& pair) {
  if (pair.clusters) return *pair.clusters;
  std::vector<std::uint32_t> rows(static_cast<std::size_t>(pair.num_rows));
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

double mean_of(const std::vector<double>& values) { return stats::sum_of(values) / static_cast<double>(values.size()); }

struct Levels {
  double a = 0;
  double b = 0;
};

std::string level_text(double value, Metric metric) {
  return metric == Metric::accuracy ? percent_text(value) : fmt::format("{:.4f}", value);
}

std::string cluster_words(const PredictionPair& pair, const PairColumns& columns) {
  if (!pair.clusters) return "";
  return fmt::format(", error over {} values of '{}'", with_thousands(pair.num_clusters),
                     columns.cluster.empty() ? columns.unit : columns.cluster);
}

Result<stats::Estimate> paired_estimate(const PredictionPair& pair, Metric metric, Levels& levels) {
  const std::vector<std::uint32_t> clusters = clusters_or_rows(pair);
  if (metric == Metric::auc) {
    ASSIGN_OR_RETURN(levels.a, stats::auc(pair.probability[0], pair.positive));
    ASSIGN_OR_RETURN(levels.b, stats::auc(pair.probability[1], pair.positive));
    if (!pair.clusters) return stats::auc_difference(pair.probability[0], pair.probability[1], pair.positive);
    ASSIGN_OR_RETURN(const std::vector<double> of_a, stats::auc_influence(pair.probability[0], pair.positive));
    ASSIGN_OR_RETURN(std::vector<double> influence, stats::auc_influence(pair.probability[1], pair.positive));
    for (std::size_t row = 0; row < influence.size(); ++row) influence[row] -= of_a[row];
    return stats::clustered_estimate(levels.b - levels.a, influence, clusters);
  }
  const std::vector<double> of_a = row_scores(pair, 0, metric);
  std::vector<double> difference = row_scores(pair, 1, metric);
  levels = {mean_of(of_a), mean_of(difference)};
  for (std::size_t row = 0; row < difference.size(); ++row) difference[row] -= of_a[row];
  return stats::clustered_mean(difference, clusters);
}

stats::PairedOutcomes agreement(const PredictionPair& pair) {
  stats::PairedOutcomes outcomes;
  for (std::size_t row = 0; row < pair.positive.size(); ++row) {
    const bool a = pair.correct[0][row] != 0;
    const bool b = pair.correct[1][row] != 0;
    ++(a && b ? outcomes.both : a ? outcomes.first_only : b ? outcomes.second_only : outcomes.neither);
  }
  return outcomes;
}

Json mcnemar_facts(const stats::PairedOutcomes& rows) {
  return {{"both", rows.both},
          {"a_only", rows.first_only},
          {"b_only", rows.second_only},
          {"neither", rows.neither},
          {"p_exact", stats::mcnemar_exact(rows.first_only, rows.second_only)},
          {"p_mid", stats::mcnemar_mid_p(rows.first_only, rows.second_only)},
          {"p_asymptotic", stats::mcnemar_asymptotic(rows.first_only, rows.second_only, stats::Continuity::none).p_value},
          {"p_asymptotic_corrected", stats::mcnemar_asymptotic(rows.first_only, rows.second_only, stats::Continuity::corrected).p_value}};
}

Result<Outcome> paired_outcome(const PredictionPair& pair, const MetricEntry& metric, const PairColumns& columns, const Question& question,
                               Json& facts) {
  Outcome outcome;
  outcome.id = fmt::format("paired_difference({})", metric.name);
  outcome.subject = "paired_difference";
  outcome.columns = {columns.label};
  outcome.rows_tested = pair.num_rows;
  Levels levels;
  Difference difference;
  ASSIGN_OR_RETURN(difference.estimate, paired_estimate(pair, metric.metric, levels));
  difference.sign = metric.higher_is_better ? 1 : -1;
  const double units = pair.clusters ? static_cast<double>(pair.num_clusters) : static_cast<double>(pair.num_rows);
  difference.interval = interval_under(question.peeking, difference.estimate, units, question.confidence);
  difference.p_value = p_value_under(question.peeking, difference.estimate, units, question.confidence);
  std::string described = fmt::format("B {} against A {} on the same {} rows{}", level_text(levels.b, metric.metric),
                                      level_text(levels.a, metric.metric), with_thousands(pair.num_rows), cluster_words(pair, columns));
  if (metric.metric == Metric::accuracy) {
    difference.unit = Unit::share;
    const stats::PairedOutcomes rows = agreement(pair);
    facts["mcnemar"] = mcnemar_facts(rows);
    if (!pair.clusters && question.peeking.kind == Peeking::Kind::once) {
      difference.interval = stats::paired_difference(rows, question.confidence);
      difference.p_value = stats::mcnemar_mid_p(rows.first_only, rows.second_only);
    }
    described += fmt::format("; only A is right on {}, only B on {} (McNemar mid-p {}{})", with_thousands(rows.first_only),
                             with_thousands(rows.second_only), p_text(stats::mcnemar_mid_p(rows.first_only, rows.second_only)),
                             pair.clusters ? " as if rows were independent" : "");
  }
  judge_difference(difference, question, described, outcome);
  facts["levels"] = {{"a", levels.a}, {"b", levels.b}};
  return outcome;
}

/// Rows whose unit fell to this arm.
std::vector<std::size_t> rows_of_arm(const PredictionPair& pair, const std::vector<std::uint8_t>& arm_of_unit, std::uint8_t arm) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < pair.positive.size(); ++row) {
    if (arm_of_unit[pair.units->of_row[row]] == arm) rows.push_back(row);
  }
  return rows;
}

/// The metric of one arm's model on that arm's rows, with its error by cluster.
Result<stats::Estimate> arm_estimate(const PredictionPair& pair, int model, Metric metric, const std::vector<std::size_t>& rows) {
  std::vector<std::uint64_t> names;
  const std::vector<std::uint32_t> all = clusters_or_rows(pair);
  for (const std::size_t row : rows) names.push_back(all[row]);
  const std::vector<std::uint32_t> clusters = stats::dense_clusters(names);
  if (metric == Metric::auc) {
    std::vector<double> scores;
    std::vector<std::uint8_t> labels;
    for (const std::size_t row : rows) {
      scores.push_back(pair.probability[model][row]);
      labels.push_back(pair.positive[row]);
    }
    ASSIGN_OR_RETURN(const double value, stats::auc(scores, labels));
    ASSIGN_OR_RETURN(const std::vector<double> influence, stats::auc_influence(scores, labels));
    return stats::clustered_estimate(value, influence, clusters);
  }
  const std::vector<double> scores = row_scores(pair, model, metric);
  std::vector<double> values;
  for (const std::size_t row : rows) values.push_back(scores[row]);
  return stats::clustered_mean(values, clusters);
}

stats::Estimate minus(const stats::Estimate& b, const stats::Estimate& a) {
  // Welch-Satterthwaite over the clusters of both arms.
  const double of_b = b.standard_error * b.standard_error;
  const double of_a = a.standard_error * a.standard_error;
  const double denominator = of_b * of_b / b.degrees_of_freedom + of_a * of_a / a.degrees_of_freedom;
  const double degrees = denominator > 0 && std::isfinite(denominator) ? (of_a + of_b) * (of_a + of_b) / denominator : 1;
  return {b.value - a.value, std::sqrt(of_a + of_b), degrees};
}

Outcome split_outcome(const PredictionPair& pair, const MetricEntry& metric, const PairColumns& columns, std::span<const Arm> arms,
                      const std::vector<std::uint8_t>& arm_of_unit, const Question& question, bool ratio_failed) {
  Outcome outcome;
  outcome.id = fmt::format("difference({})", metric.name);
  outcome.subject = "difference";
  outcome.columns = {columns.label};
  outcome.severity = suite::Severity::warn;  // the paired test over all rows decides
  const std::vector<std::size_t> rows[2] = {rows_of_arm(pair, arm_of_unit, 0), rows_of_arm(pair, arm_of_unit, 1)};
  for (int arm = 0; arm < 2; ++arm) {
    if (rows[arm].empty() && ratio_failed) {
      outcome.verdict = suite::Verdict::inconclusive;
      outcome.message = fmt::format("no row fell to arm '{}'; not judged, because the sample ratio check failed",
                                    arms[static_cast<std::size_t>(arm)].name);
      return outcome;
    }
    if (rows[arm].empty()) {
      outcome.cannot(fmt::format("no row fell to arm '{}', so there is nothing to compare", arms[static_cast<std::size_t>(arm)].name));
      return outcome;
    }
  }
  outcome.rows_tested = pair.num_rows;
  const auto a = arm_estimate(pair, 0, metric.metric, rows[0]);
  const auto b = arm_estimate(pair, 1, metric.metric, rows[1]);
  if (!a || !b) {
    outcome.cannot((a ? b : a).error().message);
    return outcome;
  }
  Difference difference;
  difference.estimate = minus(*b, *a);
  difference.sign = metric.higher_is_better ? 1 : -1;
  difference.unit = metric.metric == Metric::accuracy ? Unit::share : Unit::number;
  const auto units = static_cast<double>(arm_of_unit.size());
  difference.interval = interval_under(question.peeking, difference.estimate, units, question.confidence);
  difference.p_value = p_value_under(question.peeking, difference.estimate, units, question.confidence);
  const std::string described =
      fmt::format("B {} on the {} rows of arm '{}' against A {} on the {} rows of arm '{}'{}", level_text(b->value, metric.metric),
                  with_thousands(static_cast<std::int64_t>(rows[1].size())), arms[1].name, level_text(a->value, metric.metric),
                  with_thousands(static_cast<std::int64_t>(rows[0].size())), arms[0].name, cluster_words(pair, columns));
  judge_difference(difference, question, described, outcome);
  outcome.because =
      "What a live experiment would see, where each unit meets one model only; the paired difference sees every row twice and decides.";
  if (ratio_failed) {
    outcome.verdict = suite::Verdict::inconclusive;
    outcome.message += "; not judged, because the sample ratio check failed";
  }
  return outcome;
}

}  // namespace

Result<Analysis> analyze_pair(const PredictionPair& pair, Metric wanted, const PairColumns& columns, std::span<const Arm> arms,
                              HashRule rule, std::string_view salt, const Question& question) {
  const MetricEntry& metric = *std::ranges::find(metric_table(), wanted, &MetricEntry::metric);
  if (metric.needs_probability && pair.probability[0].empty()) {
    return fail("{} needs a column 'probability' in both files", metric.name);
  }
  if (metric.needs_probability && !pair.binary) {
    return fail_with_hint(fmt::format("{} needs two classes, and which of them is the positive one is not known", metric.name),
                          "name it with --positive");
  }
  Analysis analysis;
  analysis.facts["metric"] = metric.name;
  if (pair.without_label > 0) analysis.facts["rows_without_label"] = pair.without_label;
  if (pair.units) {
    const std::vector<std::uint8_t> arm_of_unit = assign(*pair.units, arms, rule, salt);
    const std::vector<std::int64_t> counts = units_per_arm(arm_of_unit, arms.size());
    analysis.outcomes.push_back(sample_ratio_outcome(arms, counts, columns.unit, question.ratio_alpha, question.seed));
    const bool ratio_failed = analysis.outcomes.back().verdict == suite::Verdict::fail;
    if (ratio_failed) {
      analysis.outcomes.back().message +=
          fmt::format("; rows that were chosen by this hash with the salt '{}' all fall on one side: another --salt splits them", salt);
    }
    analysis.outcomes.push_back(split_outcome(pair, metric, columns, arms, arm_of_unit, question, ratio_failed));
    analysis.facts["unit"] = columns.unit;
    analysis.facts["assignment"] = {{"hash", hash_rule_name(rule)}, {"salt", salt}};
    analysis.facts["arms"] = Json::array();
    for (std::size_t i = 0; i < arms.size(); ++i) {
      analysis.facts["arms"].push_back(
          {{"name", arms[i].name}, {"model", i == 0 ? "A" : "B"}, {"weight", arms[i].weight}, {"units", counts[i]}});
    }
  }
  if (pair.clusters) analysis.facts["cluster"] = columns.cluster.empty() ? columns.unit : columns.cluster;
  ASSIGN_OR_RETURN(Outcome paired, paired_outcome(pair, metric, columns, question, analysis.facts));
  analysis.outcomes.push_back(std::move(paired));
  return analysis;
}

}  // namespace cupel::ab
