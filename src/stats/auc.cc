#include "stats/auc.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/invariant.h"
#include "stats/distributions.h"
#include "stats/proportion.h"

namespace cupel::stats {
namespace {

/// DeLong's components: for each positive row the share of negatives below it, and for each negative the share of positives above.
struct Placements {
  std::vector<double> of_positive;
  std::vector<double> of_negative;
  double auc = 0;
};

Result<void> check_classes(std::span<const double> scores, std::span<const std::uint8_t> labels) {
  CHECK(scores.size() == labels.size(), "{} scores, {} labels", scores.size(), labels.size());
  const auto positives = std::count(labels.begin(), labels.end(), 1);
  const auto negatives = static_cast<std::ptrdiff_t>(labels.size()) - positives;
  if (positives == 0 || negatives == 0) return fail("{} positive and {} negative rows, AUC needs at least 1 of each", positives, negatives);
  return {};
}

std::vector<std::uint32_t> order_of(std::span<const double> scores) {
  std::vector<std::uint32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0U);
  for (const double score : scores) CHECK(!std::isnan(score), "NaN among {} scores", scores.size());
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return scores[a] < scores[b] || (scores[a] == scores[b] && a < b); });
  return order;
}

Placements placements_of(std::span<const double> scores, std::span<const std::uint8_t> labels) {
  const std::vector<std::uint32_t> order = order_of(scores);
  const auto positives = static_cast<double>(std::count(labels.begin(), labels.end(), 1));
  const double negatives = static_cast<double>(labels.size()) - positives;
  std::vector<double> by_row(scores.size());
  double positives_below = 0;
  double negatives_below = 0;
  double ordered_pairs = 0;  // twice: a whole number, so the AUC is exact
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    double tied_positives = 0;
    for (end = begin; end < order.size() && scores[order[end]] == scores[order[begin]]; ++end) tied_positives += labels[order[end]];
    const double tied_negatives = static_cast<double>(end - begin) - tied_positives;
    for (std::size_t i = begin; i < end; ++i) {
      by_row[order[i]] = labels[order[i]] ? (negatives_below + tied_negatives / 2) / negatives
                                          : (positives - positives_below - tied_positives / 2) / positives;
    }
    ordered_pairs += tied_positives * (2 * negatives_below + tied_negatives);
    positives_below += tied_positives;
    negatives_below += tied_negatives;
  }
  Placements placements;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    (labels[row] ? placements.of_positive : placements.of_negative).push_back(by_row[row]);
  }
  placements.auc = ordered_pairs / (2 * positives * negatives);
  return placements;
}

double error_of(std::span<const double> of_positive, std::span<const double> of_negative) {
  if (of_positive.size() < 2 || of_negative.size() < 2) return std::numeric_limits<double>::infinity();
  return std::sqrt(sample_moments(of_positive).variance / static_cast<double>(of_positive.size()) +
                   sample_moments(of_negative).variance / static_cast<double>(of_negative.size()));
}

}  // namespace

Result<double> auc(std::span<const double> scores, std::span<const std::uint8_t> labels) {
  TRY(check_classes(scores, labels));
  return placements_of(scores, labels).auc;
}

Result<Estimate> auc_estimate(std::span<const double> scores, std::span<const std::uint8_t> labels) {
  TRY(check_classes(scores, labels));
  const Placements placements = placements_of(scores, labels);
  return Estimate{placements.auc, error_of(placements.of_positive, placements.of_negative), std::numeric_limits<double>::infinity()};
}

Result<Interval> auc_interval(std::span<const double> scores, std::span<const std::uint8_t> labels, double confidence) {
  ASSIGN_OR_RETURN(const Estimate estimate, auc_estimate(scores, labels));
  if (std::isinf(estimate.standard_error)) return Interval{0, 1, confidence};
  if (estimate.value <= 0 || estimate.value >= 1 || estimate.standard_error == 0) {
    const auto positives = static_cast<std::int64_t>(std::count(labels.begin(), labels.end(), 1));
    const std::int64_t smaller = std::min(positives, static_cast<std::int64_t>(labels.size()) - positives);
    const double slack = clopper_pearson_upper(0, smaller, 1 - (1 - confidence) / 2);
    return Interval{std::max(0.0, estimate.value - slack), std::min(1.0, estimate.value + slack), confidence};
  }
  const double a = estimate.value;
  const double logit = std::log(a / (1 - a));
  const double half = normal_quantile(1 - (1 - confidence) / 2) * estimate.standard_error / (a * (1 - a));
  return Interval{1 / (1 + std::exp(half - logit)), 1 / (1 + std::exp(-half - logit)), confidence};
}

Result<Estimate> auc_difference(std::span<const double> first_scores, std::span<const double> second_scores,
                                std::span<const std::uint8_t> labels) {
  TRY(check_classes(first_scores, labels));
  TRY(check_classes(second_scores, labels));
  const Placements first = placements_of(first_scores, labels);
  Placements second = placements_of(second_scores, labels);
  const double difference = second.auc - first.auc;
  // The variance of a difference of means over the same rows is that of the mean of differences.
  for (std::size_t i = 0; i < first.of_positive.size(); ++i) second.of_positive[i] -= first.of_positive[i];
  for (std::size_t i = 0; i < first.of_negative.size(); ++i) second.of_negative[i] -= first.of_negative[i];
  return Estimate{difference, error_of(second.of_positive, second.of_negative), std::numeric_limits<double>::infinity()};
}

Result<std::vector<double>> auc_influence(std::span<const double> scores, std::span<const std::uint8_t> labels) {
  TRY(check_classes(scores, labels));
  const Placements placements = placements_of(scores, labels);
  const auto positives = static_cast<double>(placements.of_positive.size());
  const auto negatives = static_cast<double>(placements.of_negative.size());
  std::vector<double> influence(labels.size());
  std::size_t positive = 0;
  std::size_t negative = 0;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    influence[row] = labels[row] ? (placements.of_positive[positive++] - placements.auc) / positives
                                 : (placements.of_negative[negative++] - placements.auc) / negatives;
  }
  return influence;
}

WeightedAuc::WeightedAuc(std::span<const double> scores, std::span<const std::uint8_t> labels)
    : order_(order_of(scores)), labels_(labels.begin(), labels.end()) {
  CHECK(scores.size() == labels.size(), "{} scores, {} labels", scores.size(), labels.size());
  for (std::size_t i = 0; i < order_.size(); ++i) {
    if (i + 1 == order_.size() || scores[order_[i]] != scores[order_[i + 1]]) groups_.push_back(static_cast<std::uint32_t>(i + 1));
  }
}

double WeightedAuc::operator()(std::span<const double> weights) const {
  double positives_below = 0;
  double negatives_below = 0;
  double ordered = 0;
  std::size_t at = 0;
  for (const std::uint32_t end : groups_) {
    double positives = 0;
    double negatives = 0;
    for (; at < end; ++at) (labels_[order_[at]] ? positives : negatives) += weights[order_[at]];
    ordered += positives * (negatives_below + negatives / 2);
    positives_below += positives;
    negatives_below += negatives;
  }
  const double pairs = positives_below * negatives_below;
  return pairs > 0 ? ordered / pairs : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace cupel::stats
