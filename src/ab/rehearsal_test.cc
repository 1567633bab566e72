#include "ab/rehearsal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "ab/sizing.h"
#include "base/random.h"
#include "stats/proportion.h"

namespace cupel::ab {
namespace {

bool slow() { return std::getenv("CUPEL_SLOW") != nullptr; }

Rehearsal means(int looks, Peeking::Kind peeking) {
  Rehearsal rehearsal;
  rehearsal.kind = Rehearsal::Kind::mean;
  rehearsal.units = 4000;
  rehearsal.looks = looks;
  rehearsal.peeking = peeking;
  rehearsal.runs = slow() ? 20'000 : 1500;
  return rehearsal;
}

stats::Interval rate(const Rehearsal& rehearsal, double lift) {
  return stats::clopper_pearson(rejections(rehearsal, lift), rehearsal.runs, 0.999);
}

TEST(Rehearsal, AFixedTestHoldsItsLevelAtOneLookAndNotAtFourteen) {
  EXPECT_TRUE(rate(means(1, Peeking::Kind::once), 0).contains(0.05));
  EXPECT_GT(rate(means(14, Peeking::Kind::once), 0).low, 0.15);  // 0.21 at 14 looks
}

TEST(Rehearsal, SequentialMethodsHoldTheirLevelAtEveryNumberOfLooks) {
  EXPECT_LE(rate(means(14, Peeking::Kind::always_valid), 0).low, 0.05);
  Rehearsal spending = means(5, Peeking::Kind::looks);
  EXPECT_TRUE(rate(spending, 0).contains(0.05));
  spending.spending = stats::Spending::pocock;
  EXPECT_TRUE(rate(spending, 0).contains(0.05));
}

TEST(Rehearsal, ThePlannedSizeReachesThePlannedPower) {
  SizingQuestion question;
  question.baseline = 0.1;
  question.detect = 0.03;
  question.power = 0.8;
  Rehearsal shares;
  shares.baseline = 0.1;
  shares.units = static_cast<std::int64_t>(size_experiment(question)->units);
  shares.runs = slow() ? 20'000 : 3000;
  EXPECT_TRUE(rate(shares, 0.03).contains(0.8));

  question.looks = 5;
  shares.units = static_cast<std::int64_t>(size_experiment(question)->units);
  shares.looks = 5;
  shares.peeking = Peeking::Kind::looks;
  EXPECT_TRUE(rate(shares, 0.03).contains(0.8));
}

TEST(Rehearsal, TheCountDoesNotDependOnThreads) {
  Rehearsal one = means(3, Peeking::Kind::looks);
  one.runs = 300;
  Rehearsal four = one;
  four.threads = 4;
  EXPECT_EQ(rejections(one, 0.05), rejections(four, 0.05));
}

TEST(Rehearsal, OwnRowsAreDealtByUnitSoThatClustersDoNotRaiseFalseAlarms) {
  Rehearsal rehearsal;
  rehearsal.kind = Rehearsal::Kind::rows;
  rehearsal.runs = slow() ? 5000 : 400;
  Random random(1, "rows");
  for (std::uint32_t unit = 0; unit < 150; ++unit) {
    const double share = random.uniform() * random.uniform();
    for (int i = 0; i < 12; ++i) {
      rehearsal.values.push_back(random.uniform() < share ? 1 : 0);
      rehearsal.unit_of_row.push_back(unit);
    }
  }
  rehearsal.baseline = 0.25;
  rehearsal.units = 150;
  EXPECT_TRUE(rate(rehearsal, 0).contains(0.05));
  EXPECT_GT(rate(rehearsal, 0.2).low, 0.9);
  // Rows taken for independent units find differences that are not there.
  for (std::uint32_t row = 0; row < rehearsal.unit_of_row.size(); ++row) rehearsal.unit_of_row[row] = row;
  EXPECT_TRUE(rate(rehearsal, 0).contains(0.05));
}

TEST(Rehearsal, OutcomesSayWhatWasCountedAndJudgeIt) {
  Rehearsal naive = means(14, Peeking::Kind::once);
  naive.lift = 0.2;
  naive.power = 0.8;
  const std::vector<suite::Outcome> outcomes = rehearse(naive);
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].verdict, suite::Verdict::fail);
  EXPECT_EQ(outcomes[1].verdict, suite::Verdict::pass);
  EXPECT_EQ(outcomes[1].limit.get<double>(), 0.78);
}

TEST(Sizing, ThePublishedSizesAreReproduced) {
  SizingQuestion question;
  question.baseline = 0.1;
  question.detect = 0.02;
  question.power = 0.8;
  EXPECT_EQ(size_experiment(question)->units, 7682);  // R: power.prop.test 3840.85 in each arm
  question.kind = SizingQuestion::Kind::mean;
  question.stddev = 2;
  question.detect = 0.5;
  EXPECT_EQ(size_experiment(question)->units, 505);  // R: power.t.test 252.13 in each arm
}

TEST(Sizing, EachOfSizeDifferenceAndPowerFollowsFromTheOtherTwo) {
  SizingQuestion question;
  question.kind = SizingQuestion::Kind::paired;
  question.disagree = 0.06;
  question.detect = 0.01;
  question.power = 0.8;
  const double units = size_experiment(question)->units;
  question.units = units;
  question.detect.reset();
  EXPECT_NEAR(size_experiment(question)->detect, 0.01, 1e-5);
  question.detect = 0.01;
  question.power.reset();
  EXPECT_NEAR(size_experiment(question)->power, 0.8, 1e-3);
}

TEST(Sizing, MistakesAreNamed) {
  SizingQuestion question;
  question.baseline = 0.1;
  EXPECT_EQ(size_experiment(question).error().message, "0 of --detect, --units and --power are given, expected two: the third is found");
  question.detect = 0.95;
  question.power = 0.8;
  EXPECT_EQ(size_experiment(question).error().message, "a difference of +95.00 % from 10.00 % leaves the range of shares");
  question.detect = 0;
  EXPECT_EQ(size_experiment(question).error().message, "the difference to detect is 0, expected another number");
}

}  // namespace
}  // namespace cupel::ab
