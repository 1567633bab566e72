#include "stats/auc.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <vector>

#include "base/random.h"
#include "stats/bootstrap.h"
#include "stats/clusters.h"
#include "stats/proportion.h"

namespace cupel::stats {
namespace {

using Values = std::vector<double>;
using Labels = std::vector<std::uint8_t>;

const Labels k_labels = {0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1};
const Values k_scores = {0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.2, 0.9, 0.7, 0.6, 0.65, 0.3};
const Values k_others = {0.2, 0.3, 0.5, 0.7, 0.5, 0.6, 0.1, 0.8, 0.75, 0.4, 0.6, 0.45};

TEST(Auc, AgreesWithScikitLearnOnTies) {
  EXPECT_NEAR(*auc(k_scores, k_labels), 0.7714285714285714, 1e-15);  // scikit-learn 1.9.1
  EXPECT_NEAR(*auc(k_others, k_labels), 0.9571428571428572, 1e-15);
}

TEST(Auc, DeLongsErrorsAgreeWithTheDefinitionOverAllPairs) {
  // All positive-negative pairs compared one by one in numpy 2.4.6, sample covariances of the components.
  EXPECT_NEAR(auc_estimate(k_scores, k_labels)->standard_error, 0.14533564249554146, 1e-14);
  const auto difference = auc_difference(k_scores, k_others, k_labels);
  EXPECT_NEAR(difference->value, 0.9571428571428572 - 0.7714285714285714, 1e-15);
  EXPECT_NEAR(difference->standard_error, 0.12562767579307543, 1e-14);
}

TEST(Auc, TheSameScoresDifferByNothing) {
  const auto difference = auc_difference(k_scores, k_scores, k_labels);
  EXPECT_EQ(difference->value, 0);
  EXPECT_EQ(difference->test().p_value, 1);
}

TEST(Auc, OneClassIsAnError) {
  EXPECT_EQ(auc(Values{0.1, 0.2}, Labels{1, 1}).error().message, "2 positive and 0 negative rows, AUC needs at least 1 of each");
}

TEST(Auc, IntervalsStayInsideAndArePositiveAtTheEnds) {
  const auto perfect = auc_interval(Values{1, 2, 3, 4, 5, 6}, Labels{0, 0, 0, 1, 1, 1}, 0.95);
  EXPECT_EQ(perfect->high, 1);
  EXPECT_LT(perfect->low, 0.6);
  const auto tiny = auc_interval(Values{1, 2}, Labels{0, 1}, 0.95);
  EXPECT_EQ(tiny->low, 0);
  EXPECT_EQ(tiny->high, 1);
}

TEST(Auc, WeightsRepeatRows) {
  const WeightedAuc weighted(k_scores, k_labels);
  EXPECT_NEAR(weighted(Values(12, 1.0)), 0.7714285714285714, 1e-15);
  Values weights(12, 1.0);
  weights[3] = 3;
  weights[0] = 0;
  Values scores;
  Labels labels;
  for (std::size_t i = 0; i < 12; ++i) {
    for (int copy = 0; copy < static_cast<int>(weights[i]); ++copy) scores.push_back(k_scores[i]), labels.push_back(k_labels[i]);
  }
  EXPECT_NEAR(weighted(weights), *auc(scores, labels), 1e-15);
  EXPECT_TRUE(std::isnan(weighted(Values(12, 0.0))));
}

TEST(Auc, InfluencesAddUpToNothingAndGiveDeLongsErrorAlmost) {
  const auto influence = auc_influence(k_scores, k_labels);
  double sum = 0;
  for (const double value : *influence) sum += value;
  EXPECT_NEAR(sum, 0, 1e-15);
}

TEST(Auc, DeLongIntervalsCoverTheTruth) {
  const int runs = std::getenv("CUPEL_SLOW") ? 5000 : 300;
  const double truth = 0.5 * std::erfc(-0.5);  // normals 1 apart: Phi(1 / sqrt 2)
  int covered = 0;
  int alarms = 0;
  for (int run = 0; run < runs; ++run) {
    Random random(4, "auc", static_cast<std::uint64_t>(run));
    Values scores(150);
    Values other(150);
    Labels labels(150);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      labels[i] = i % 3 == 0;
      const double shared = random.normal();
      scores[i] = labels[i] + 0.8 * shared + 0.6 * random.normal();
      other[i] = labels[i] + 0.8 * shared + 0.6 * random.normal();
    }
    covered += auc_interval(scores, labels, 0.95)->contains(truth) ? 1 : 0;
    alarms += auc_difference(scores, other, labels)->test().p_value < 0.05 ? 1 : 0;
  }
  EXPECT_TRUE(clopper_pearson(covered, runs, 0.999).contains(0.95)) << covered;
  EXPECT_TRUE(clopper_pearson(alarms, runs, 0.999).contains(0.05)) << alarms;
}

TEST(Clusters, ARatioRandomizedByUserKeepsItsFalseAlarmRateWhereTheNaiveTestDoesNot) {
  const int runs = std::getenv("CUPEL_SLOW") ? 5000 : 400;
  int honest = 0;
  int naive = 0;
  for (int run = 0; run < runs; ++run) {
    Random random(6, "users", static_cast<std::uint64_t>(run));
    Values views;
    Labels arms;
    std::vector<std::uint32_t> users;
    for (std::uint32_t user = 0; user < 200; ++user) {
      const double rate = std::min(0.95, 0.02 + 0.6 * random.uniform() * random.uniform());
      const std::uint8_t arm = random.uniform() < 0.5;
      for (std::uint64_t view = 0, count = 1 + random.below(30); view < count; ++view) {
        views.push_back(random.uniform() < rate);
        arms.push_back(arm);
        users.push_back(user);
      }
    }
    honest += clustered_difference(views, arms, users).test().p_value < 0.05 ? 1 : 0;
    std::vector<std::uint32_t> rows(views.size());
    for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
    naive += clustered_difference(views, arms, rows).test().p_value < 0.05 ? 1 : 0;
  }
  EXPECT_TRUE(clopper_pearson(honest, runs, 0.999).contains(0.05)) << honest;
  EXPECT_GT(clopper_pearson(naive, runs, 0.999).low, 0.1) << naive;
}

TEST(Clusters, SingleRowsAsClustersGiveTheOrdinaryError) {
  const Values values{1, 4, 2, 8, 5, 7};
  const Estimate clustered = clustered_mean(values, std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5});
  const Estimate plain = mean_estimate(sample_moments(values));
  EXPECT_NEAR(clustered.standard_error, plain.standard_error, 1e-15);
  EXPECT_EQ(clustered.degrees_of_freedom, plain.degrees_of_freedom);
  EXPECT_TRUE(std::isinf(clustered_mean(values, std::vector<std::uint32_t>(6, 0)).standard_error));
}

TEST(Clusters, TheDeltaMethodOfARatioMatchesItsFormula) {
  // var = (vM/D^2 + vD M^2/D^4 - 2 cov M/D^3) / n with the means and sample moments of the units.
  const Values m{1, 3, 2, 5, 4};
  const Values d{2, 4, 3, 5, 6};
  const Estimate ratio = ratio_estimate(m, d);
  EXPECT_NEAR(ratio.value, 15.0 / 20, 1e-15);
  const double mean_m = 3;
  const double mean_d = 4;
  const double variance = (2.5 / (mean_d * mean_d) + 2.5 * mean_m * mean_m / std::pow(mean_d, 4) -
                           2 * covariance(m, d) * mean_m / std::pow(mean_d, 3)) / 5;
  EXPECT_NEAR(ratio.standard_error, std::sqrt(variance), 1e-14);
}

}  // namespace
}  // namespace cupel::stats
