#include "model/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "base/text.h"
#include "stats/auc.h"
#include "stats/probability_scores.h"
#include "stats/proportion.h"

namespace cupel::model {
namespace {

using Facts = std::shared_ptr<const Evaluation>;
using stats::WeightedStatistic;

constexpr double k_undefined = std::numeric_limits<double>::quiet_NaN();

/// Weights of the four outcomes of a decision.
struct Confusion {
  double true_positive = 0, false_positive = 0, true_negative = 0, false_negative = 0;
  double positives() const { return true_positive + false_negative; }
  double negatives() const { return true_negative + false_positive; }
  double total() const { return positives() + negatives(); }
};

double ratio(double part, double whole) { return whole > 0 ? part / whole : k_undefined; }

double accuracy(const Confusion& c) { return ratio(c.true_positive + c.true_negative, c.total()); }
double recall(const Confusion& c) { return ratio(c.true_positive, c.positives()); }
double specificity(const Confusion& c) { return ratio(c.true_negative, c.negatives()); }
double balanced_accuracy(const Confusion& c) { return (recall(c) + specificity(c)) / 2; }
// A class that is there but never decided for has precision and F1 of 0; one that is not there has none.
double precision(const Confusion& c) {
  if (c.positives() == 0) return k_undefined;
  const double decided = c.true_positive + c.false_positive;
  return decided > 0 ? c.true_positive / decided : 0;
}
double f1(const Confusion& c) { return c.positives() > 0 ? 2 * c.true_positive / (2 * c.true_positive + c.false_positive + c.false_negative) : k_undefined; }
double f1_negative(const Confusion& c) {
  return c.negatives() > 0 ? 2 * c.true_negative / (2 * c.true_negative + c.false_positive + c.false_negative) : k_undefined;
}
// Matthews 1975; 0 where only one class was decided for, as for a guess.
double matthews(const Confusion& c) {
  if (c.positives() == 0 || c.negatives() == 0) return k_undefined;
  const double decided = (c.true_positive + c.false_positive) * (c.true_negative + c.false_negative);
  if (decided == 0) return 0;
  return (c.true_positive * c.true_negative - c.false_positive * c.false_negative) / std::sqrt(decided * c.positives() * c.negatives());
}

template <double (*Formula)(const Confusion&)>
WeightedStatistic of_confusion(Facts facts) {
  return [facts = std::move(facts)](std::span<const double> weights) {
    std::array<double, 4> sums{};  // by decided * 2 + actual
    for (std::size_t i = 0; i < weights.size(); ++i) sums[static_cast<std::size_t>(facts->decided[i] * 2 + facts->actual[i])] += weights[i];
    return Formula({.true_positive = sums[3], .false_positive = sums[2], .true_negative = sums[0], .false_negative = sums[1]});
  };
}

/// Weighted mean of one loss a row.
template <double (*Loss)(double, std::uint8_t)>
WeightedStatistic mean_of(Facts facts) {
  std::vector<double> losses(facts->num_rows());
  for (std::size_t i = 0; i < losses.size(); ++i) losses[i] = Loss(facts->scores[i], facts->actual[i]);
  return [losses = std::move(losses)](std::span<const double> weights) {
    double sum = 0, total = 0;
    for (std::size_t i = 0; i < losses.size(); ++i) {
      sum += weights[i] * losses[i];
      total += weights[i];
    }
    return ratio(sum, total);
  };
}

double squared_error(double score, std::uint8_t actual) { return (score - actual) * (score - actual); }

WeightedStatistic area_under_curve(Facts facts) {
  return [auc = stats::WeightedAuc(facts->scores, facts->actual)](std::span<const double> weights) { return auc(weights); };
}

/// Sum over distinct scores, from the highest, of the gain in recall times the precision there (ties enter together).
WeightedStatistic average_precision(Facts facts) {
  std::vector<std::uint32_t> order(facts->num_rows());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::stable_sort(order, [&](std::uint32_t a, std::uint32_t b) { return facts->scores[a] > facts->scores[b]; });
  return [facts = std::move(facts), order = std::move(order)](std::span<const double> weights) {
    double positives = 0, seen = 0, seen_positive = 0, area = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) positives += weights[i] * facts->actual[i];
    if (positives == 0) return k_undefined;
    for (std::size_t i = 0; i < order.size();) {
      const double score = facts->scores[order[i]];
      double gained = 0;
      for (; i < order.size() && facts->scores[order[i]] == score; ++i) {
        seen += weights[order[i]];
        gained += weights[order[i]] * facts->actual[order[i]];
      }
      seen_positive += gained;
      if (gained > 0) area += gained / positives * (seen_positive / seen);
    }
    return area;
  };
}

constexpr std::array<Metric, 12> k_metrics{{
    {"accuracy", "share of rows decided rightly", true, true, of_confusion<accuracy>},
    {"auc", "chance that a positive row scores above a negative one", true, false, area_under_curve},
    {"average_precision", "precision averaged over recall", true, false, average_precision},
    {"balanced_accuracy", "mean of recall and specificity", true, true, of_confusion<balanced_accuracy>},
    {"brier", "mean squared error of the probability", false, false, mean_of<squared_error>},
    {"f1", "harmonic mean of precision and recall of the positive class", true, true, of_confusion<f1>},
    {"f1_negative", "F1 of the negative class", true, true, of_confusion<f1_negative>},
    {"log_loss", "mean of -log of the probability of what happened", false, false, mean_of<stats::log_loss_of>},
    {"matthews", "correlation of decision and truth", true, true, of_confusion<matthews>},
    {"precision", "share of the rows decided positive that are", true, true, of_confusion<precision>},
    {"recall", "share of the positive rows that are found", true, true, of_confusion<recall>},
    {"specificity", "share of the negative rows that are found", true, true, of_confusion<specificity>},
}};

std::vector<std::uint32_t> cluster_numbers(const table::Column& column) {
  std::map<std::string, std::uint32_t> numbers;
  std::vector<std::uint32_t> clusters;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    const auto next = static_cast<std::uint32_t>(numbers.size());
    clusters.push_back(numbers.try_emplace(table::value_text(column, row), next).first->second);
  }
  return clusters;
}

std::size_t count_clusters(std::span<const std::uint32_t> clusters) {
  std::vector<std::uint32_t> sorted(clusters.begin(), clusters.end());
  std::ranges::sort(sorted);
  return static_cast<std::size_t>(std::ranges::unique(sorted).begin() - sorted.begin());
}

}  // namespace

std::span<const Metric> metrics() { return k_metrics; }

Result<const Metric*> find_metric(std::string_view name) {
  const auto found = std::ranges::find(k_metrics, name, &Metric::name);
  if (found != k_metrics.end()) return &*found;
  std::vector<std::string> names;
  for (const Metric& metric : k_metrics) names.emplace_back(metric.name);
  return fail("unknown metric '{}'{}", name, nearest_note(name, names));
}

Result<Evaluation> make_evaluation(const Scores& scores, const table::Table& table, std::string_view target, std::string_view positive,
                                   std::string_view group) {
  if (scores.classes.size() != 2) {
    return scores.is_classifier() ? fail("the model has {} classes, metrics are of models with 2", scores.classes.size())
                                  : fail("the model is a regressor, metrics are of models with 2 classes");
  }
  if (scores.num_rows != table.num_rows()) return fail("{} scores for {} rows", scores.num_rows, table.num_rows());
  std::size_t positive_index = 1;
  if (!positive.empty()) {
    ASSIGN_OR_RETURN(positive_index, scores.class_index(positive));
  }
  ASSIGN_OR_RETURN(const table::Column truth, table.column(target));
  Evaluation evaluation;
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    if (truth.is_null(row)) return fail("the target '{}' is null in row {}", target, row);
    const std::string value = table::value_text(truth, row);
    const auto actual = scores.class_index(value);
    if (!actual) return fail("the target '{}' is '{}' in row {}, the model's classes are {}", target, shorten(value, 60), row, join(scores.classes, ", "));
    evaluation.actual.push_back(*actual == positive_index ? 1 : 0);
    evaluation.decided.push_back(scores.labels[static_cast<std::size_t>(row)] == positive_index ? 1 : 0);
    evaluation.scores.push_back(scores.probability(row, positive_index));
  }
  if (!group.empty()) {
    ASSIGN_OR_RETURN(const table::Column column, table.column(group));
    evaluation.clusters = cluster_numbers(column);
  }
  return evaluation;
}

Evaluation take(const Evaluation& all, std::span<const std::int64_t> rows) {
  Evaluation some;
  for (const std::int64_t row : rows) {
    const auto i = static_cast<std::size_t>(row);
    some.scores.push_back(all.scores[i]);
    some.decided.push_back(all.decided[i]);
    some.actual.push_back(all.actual[i]);
    if (!all.clusters.empty()) some.clusters.push_back(all.clusters[i]);
  }
  // Numbers from 0 again: a cluster without a row here is none.
  std::map<std::uint32_t, std::uint32_t> numbers;
  for (std::uint32_t& cluster : some.clusters) cluster = numbers.try_emplace(cluster, static_cast<std::uint32_t>(numbers.size())).first->second;
  return some;
}

double metric_value(const Metric& metric, const Evaluation& evaluation) {
  if (evaluation.num_rows() == 0) return k_undefined;
  const bool both = std::ranges::find(evaluation.actual, 1) != evaluation.actual.end() && std::ranges::find(evaluation.actual, 0) != evaluation.actual.end();
  if (metric.name == "auc" && !both) return k_undefined;
  const std::vector<double> ones(evaluation.num_rows(), 1.0);
  // The statistic lives no longer than this call, so the evaluation need not be copied.
  return metric.prepare(Facts(Facts(), &evaluation))(ones);
}

Result<MeasuredMetric> measure(const Metric& metric, const Evaluation& evaluation, const stats::BootstrapOptions& options) {
  if (evaluation.num_rows() == 0) return fail("no rows to measure '{}' on", metric.name);
  MeasuredMetric measured{metric_value(metric, evaluation), std::nullopt, "", static_cast<std::int64_t>(evaluation.num_rows())};
  if (!std::isfinite(measured.value)) return fail("'{}' is undefined: the {} rows are of one class", metric.name, evaluation.num_rows());
  const bool clustered = !evaluation.clusters.empty();
  if (evaluation.num_rows() < 2 || (clustered && count_clusters(evaluation.clusters) < 2)) return measured;
  if (!clustered && metric.name == "auc") {
    ASSIGN_OR_RETURN(measured.interval, stats::auc_interval(evaluation.scores, evaluation.actual, options.confidence));
    measured.method = "DeLong";
    return measured;
  }
  if (!clustered && metric.name == "accuracy") {
    const auto n = static_cast<std::int64_t>(evaluation.num_rows());
    measured.interval = stats::wilson(std::llround(measured.value * static_cast<double>(n)), n, options.confidence);
    measured.method = "Wilson";
    return measured;
  }
  const WeightedStatistic statistic = metric.prepare(Facts(Facts(), &evaluation));
  ASSIGN_OR_RETURN(const stats::BootstrapInterval interval, clustered ? stats::cluster_bootstrap(evaluation.clusters, statistic, options)
                                                                      : stats::bootstrap(evaluation.num_rows(), statistic, options));
  measured.interval = interval.bca;
  measured.method = clustered ? "cluster bootstrap" : "bootstrap";
  if (interval.bca.width() == 0 && metric.of_decisions) {
    // All resamples agree (no mistake was seen): not certainty. Wilson on as many rows as there are independent ones.
    const auto n = static_cast<std::int64_t>(clustered ? count_clusters(evaluation.clusters) : evaluation.num_rows());
    measured.interval = stats::wilson(std::llround(std::clamp(measured.value, 0.0, 1.0) * static_cast<double>(n)), n, options.confidence);
    measured.method = "Wilson";
  }
  return measured;
}

double majority_accuracy(const Evaluation& evaluation) {
  const auto positives = static_cast<double>(std::ranges::count(evaluation.actual, 1));
  const auto rows = static_cast<double>(evaluation.num_rows());
  return rows == 0 ? k_undefined : std::max(positives, rows - positives) / rows;
}

}  // namespace cupel::model
