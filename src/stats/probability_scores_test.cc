#include "stats/probability_scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <vector>

#include "base/random.h"
#include "stats/proportion.h"

namespace cupel::stats {
namespace {

using Values = std::vector<double>;
using Labels = std::vector<std::uint8_t>;

const Labels k_labels = {0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1};
const Values k_scores = {0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.2, 0.9, 0.7, 0.6, 0.65, 0.3};

TEST(ProbabilityScores, AgreeWithScikitLearn) {
  EXPECT_NEAR(log_loss(k_scores, k_labels), 0.5460411361733469, 1e-15);  // scikit-learn 1.9.1
  EXPECT_NEAR(brier_score(k_scores, k_labels), 0.18875, 1e-15);
  EXPECT_NEAR(spiegelhalter(k_scores, k_labels).statistic, -0.11401347067295708, 1e-15);
}

TEST(ProbabilityScores, SureForecastsHaveDefinedAnswers) {
  EXPECT_EQ(spiegelhalter(Values{0, 1}, Labels{0, 1}).p_value, 1);
  EXPECT_EQ(spiegelhalter(Values{0, 1}, Labels{0, 0}).p_value, 0);
  EXPECT_NEAR(log_loss(Values{1}, Labels{0}), 34.5, 0.1);
}

TEST(ProbabilityScores, TheCalibrationErrorOfACalibratedModelIsWhatWasMeasuredIndependently) {
  // 4,000 samples of uniform scores drawn with numpy 2.4.6, 10 bins: mean and 95 % quantile.
  for (const auto& [n, mean, upper] : {std::tuple{200, 0.0704, 0.1000}, std::tuple{1000, 0.0317, 0.0453}, std::tuple{5000, 0.0141, 0.0201}}) {
    Random random(2, "calibrated", static_cast<std::uint64_t>(n));
    Values scores(static_cast<std::size_t>(n));
    Labels labels(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = random.uniform(), labels[i] = random.uniform() < scores[i];
    const CalibrationNull result = calibration_error_test(scores, labels, 10, {1, "case", 799});
    EXPECT_NEAR(result.null_mean, mean, 0.08 * mean) << n;
    EXPECT_NEAR(result.null_95, upper, 0.08 * upper) << n;
    EXPECT_GT(result.p_value, 0.001);
  }
}

TEST(ProbabilityScores, SpiegelhalterRejectsCalibratedForecastsAtTheNominalRateAndFindsOverconfidence) {
  const int runs = std::getenv("CUPEL_SLOW") ? 5000 : 500;
  int alarms = 0;
  int found = 0;
  for (int run = 0; run < runs; ++run) {
    Random random(3, "spiegelhalter", static_cast<std::uint64_t>(run));
    Values scores(400);
    Values overconfident(400);
    Labels labels(400);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      scores[i] = random.uniform();
      overconfident[i] = scores[i] < 0.5 ? scores[i] * scores[i] * 2 : 1 - 2 * (1 - scores[i]) * (1 - scores[i]);
      labels[i] = random.uniform() < scores[i];
    }
    alarms += spiegelhalter(scores, labels).p_value < 0.05 ? 1 : 0;
    found += spiegelhalter(overconfident, labels).p_value < 0.05 ? 1 : 0;
  }
  EXPECT_TRUE(clopper_pearson(alarms, runs, 0.999).contains(0.05)) << alarms;
  EXPECT_GT(found, runs * 9 / 10);
}

}  // namespace
}  // namespace cupel::stats
