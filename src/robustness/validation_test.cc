#include "robustness/validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "robustness/synthetic_internal.h"
#include "suite/suite.h"

namespace cupel::robustness {
namespace {

using suite::Outcome;
using suite::Verdict;
using ::testing::HasSubstr;

Result<std::vector<Outcome>> judge(const std::string& entries, Trial& trial) {
  suite::LoadOptions load = load_options();
  load.reasons_required = false;
  ASSIGN_OR_RETURN(const suite::Suite suite, suite::parse_suite("cupel: 1\nexpect:\n" + entries, "model.yaml", load));
  ASSIGN_OR_RETURN(const Validation validation, Validation::make(suite));
  return validation.judge(trial);
}

Outcome judge_one(const std::string& entry, Trial& trial) {
  const auto outcomes = judge("  - {" + entry + "}\n", trial);
  EXPECT_TRUE(outcomes) << outcomes.error().text();
  return outcomes ? outcomes->front() : Outcome{};
}

Trial trial_of(std::int64_t rows, bool knows_capitals = true, std::uint64_t seed = 1, double wrong_in_bad_shop = 0) {
  auto trial = Trial::make(synthetic::oracle(knows_capitals), synthetic::reviews({rows, seed, 1, wrong_in_bad_shop}), synthetic::options());
  EXPECT_TRUE(trial) << trial.error().text();
  return std::move(*trial);
}

std::string message_of(const std::string& entry) {
  Trial trial = trial_of(50);
  const auto outcomes = judge("  - {" + entry + "}\n", trial);
  return outcomes ? "no error" : outcomes.error().text();
}

TEST(Metric, is_decided_by_its_whole_interval) {
  Trial trial = trial_of(2000);
  EXPECT_EQ(judge_one("metric: auc, at_least: 0.8", trial).verdict, Verdict::pass);
  EXPECT_EQ(judge_one("metric: auc, at_least: 0.995", trial).verdict, Verdict::fail);
  const Outcome outcome = judge_one("metric: accuracy, at_least: 80%", trial);
  ASSERT_TRUE(outcome.interval);
  EXPECT_LT(outcome.interval->low, outcome.observed.get<double>());
  EXPECT_THAT(outcome.message, HasSubstr("95 % interval"));
}

TEST(Metric, on_few_rows_near_the_limit_is_inconclusive) {
  Trial trial = trial_of(60);
  const double observed = judge_one("metric: accuracy, at_least: 0.5", trial).observed.get<double>();
  const Outcome outcome = judge_one(fmt::format("metric: accuracy, at_least: {}", observed - 0.02), trial);
  EXPECT_EQ(outcome.verdict, Verdict::inconclusive);
  EXPECT_THAT(outcome.message, HasSubstr("more rows would decide"));
}

TEST(Metric, of_a_segment_counts_its_rows_and_an_empty_one_is_an_error) {
  Trial trial = trial_of(1000);
  const Outcome south = judge_one("metric: accuracy, at_least: 0.5, where: \"Shop = 'south'\"", trial);
  EXPECT_LT(*south.rows_tested, 500);
  EXPECT_EQ(judge_one("metric: accuracy, at_least: 0.5, where: \"Shop = 'moon'\"", trial).verdict, Verdict::error);
  EXPECT_EQ(judge_one("metric: auc, at_least: 0.5, where: \"Recommended = 1\"", trial).verdict, Verdict::error) << "one class has no AUC";
}

TEST(Gain, over_the_majority_class_is_shown_and_over_itself_is_none) {
  TrialOptions options = synthetic::options();
  options.against = synthetic::oracle();
  auto trial = Trial::make(synthetic::oracle(), synthetic::reviews({2000}), options);
  ASSERT_TRUE(trial);
  EXPECT_EQ(judge_one("gain: accuracy, over: majority, at_least: 0.05", *trial).verdict, Verdict::pass);
  EXPECT_EQ(judge_one("gain: auc, over: majority, at_least: 0.2", *trial).verdict, Verdict::pass);
  const Outcome same = judge_one("gain: accuracy, over: against, at_least: 0.01", *trial);
  EXPECT_EQ(same.observed.get<double>(), 0);
  EXPECT_EQ(same.verdict, Verdict::fail);
  EXPECT_EQ(*same.p_value, 1);
  EXPECT_EQ(judge_one("gain: log_loss, over: against, at_least: -0.001", *trial).verdict, Verdict::pass);
}

TEST(Gain, over_a_model_that_cannot_be_had_is_an_error_of_the_outcome) {
  Trial trial = trial_of(100);
  EXPECT_THAT(judge_one("gain: auc, over: against, at_least: 0", trial).message, HasSubstr("without a second model (pass --against)"));
  EXPECT_EQ(judge_one("gain: auc, over: reviews@champion, at_least: 0", trial).verdict, Verdict::error);
}

// The acceptance case of a planted bug: a model that forgot to lower the letters must fail under capitals, and only there.
TEST(Drop, finds_the_model_that_cannot_read_capitals_and_nothing_else) {
  const std::string entries =
      "  - {drop: auc, under: case_upper, at_most: 0.02}\n"
      "  - {flips: decisions, under: case_upper, equals: 0}\n"
      "  - {drop: auc, under: punctuation, columns: Text, at_most: 0.02}\n"
      "  - {drop: auc, under: whitespace, at_most: 0.02}\n"
      "  - {drop: auc, under: case_lower, at_most: 0.02}\n"
      "  - {drop: auc, under: {typos: 5%}, at_most: 0.2}\n"
      "  - {drop: auc, under: {truncation: 50%}, at_most: 0.2}\n"
      "  - {drop: auc, under: {unseen_category: 100%}, at_most: 0.02}\n"
      "  - {drop: auc, under: {numeric_noise: 0.5}, at_most: 0.02}\n";
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    Trial healthy = trial_of(400, true, seed), broken = trial_of(400, false, seed);
    const auto of_healthy = judge(entries, healthy), of_broken = judge(entries, broken);
    ASSERT_TRUE(of_healthy && of_broken);
    EXPECT_EQ((*of_healthy)[0].verdict, Verdict::pass) << (*of_healthy)[0].message;
    EXPECT_EQ((*of_healthy)[1].verdict, Verdict::pass) << (*of_healthy)[1].message;
    EXPECT_EQ((*of_broken)[0].verdict, Verdict::fail) << (*of_broken)[0].message;
    EXPECT_EQ((*of_broken)[1].verdict, Verdict::fail) << (*of_broken)[1].message;
    for (std::size_t i = 2; i < of_healthy->size(); ++i)
      EXPECT_EQ((*of_broken)[i].verdict, (*of_healthy)[i].verdict) << (*of_healthy)[i].id;
  }
}

TEST(Drop, without_an_exercised_row_is_an_error_and_never_a_pass) {
  Trial trial = trial_of(200);
  for (const std::string entry : {"drop: auc, under: punctuation, at_most: 0.5", "flips: decisions, under: case_lower, at_most: 50%"}) {
    const Outcome outcome = judge_one(entry, trial);
    EXPECT_EQ(outcome.verdict, Verdict::error);
    EXPECT_THAT(outcome.message, HasSubstr("no row was exercised"));
  }
}

TEST(Drop, leaves_rows_out_that_did_not_change_and_counts_them) {
  Trial trial = trial_of(500);
  const Outcome outcome = judge_one("drop: accuracy, under: {missing: 20%}, columns: [Text], at_most: 0.9", trial);
  EXPECT_NEAR(static_cast<double>(*outcome.rows_tested), 100, 30);
  EXPECT_THAT(outcome.message, HasSubstr("of 500 rows were not exercised"));
  EXPECT_EQ(outcome.columns, std::vector<std::string>{"Text"});
}

TEST(Drop, of_columns_that_the_model_does_not_read_is_an_error) {
  Trial trial = trial_of(100);
  EXPECT_THAT(judge_one("drop: auc, under: typos, columns: Texd, at_most: 0.5", trial).message,
              HasSubstr("'Texd' is not an input of the model (nearest: 'Text')"));
  EXPECT_THAT(judge_one("drop: auc, under: typos, columns: Age, at_most: 0.5", trial).message,
              HasSubstr("'typos' is not for column 'Age' of type integer"));
}

TEST(Flips, have_an_interval_unless_none_is_accepted) {
  Trial trial = trial_of(800);
  const Outcome some = judge_one("flips: decisions, under: {typos: 10%}, at_most: 60%", trial);
  EXPECT_EQ(some.verdict, Verdict::pass);
  EXPECT_GT(some.unexpected->count, 0);
  EXPECT_GT(some.interval->high, some.observed.get<double>());
  EXPECT_EQ(judge_one("flips: decisions, under: {typos: 10%}, equals: 0", trial).verdict, Verdict::fail);
}

TEST(WorstSlice, finds_and_names_a_planted_one) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Trial trial = trial_of(5000, true, 100 + seed, 0.4);
    const Outcome outcome = judge_one("worst_slice: accuracy, at_least: 0.8, min_share: 2%", trial);
    found += outcome.verdict == Verdict::fail && outcome.message.find("Shop = 'north'") != std::string::npos ? 1 : 0;
  }
  EXPECT_GE(found, 19) << "95 % of the seeds";
}

TEST(WorstSlice, passes_where_every_slice_is_shown_to_hold_and_is_open_on_few_rows) {
  Trial many = trial_of(8000), few = trial_of(150);
  EXPECT_EQ(judge_one("worst_slice: accuracy, at_least: 0.7, by: [Shop, Age]", many).verdict, Verdict::pass);
  EXPECT_EQ(judge_one("worst_slice: accuracy, at_most: 0.1, by: [Shop, Age]", many).verdict, Verdict::pass);
  const double overall = judge_one("metric: accuracy, at_least: 0.5", few).observed.get<double>();
  EXPECT_EQ(judge_one(fmt::format("worst_slice: accuracy, at_least: {}, by: [Shop, Age]", overall - 0.02), few).verdict,
            Verdict::inconclusive);
}

// No slice is weak: the chance that any of them fails must stay at 5 %. `CUPEL_SLOW=1` runs enough to see it at every size.
TEST(WorstSlice, rarely_fails_a_model_without_a_weak_slice) {
  const bool slow = std::getenv("CUPEL_SLOW") != nullptr;
  for (const std::int64_t rows : slow ? std::vector<std::int64_t>{500, 1000, 5000, 20000} : std::vector<std::int64_t>{500}) {
    const int runs = slow ? 500 : 60;
    int alarms = 0;
    for (int run = 0; run < runs; ++run) {
      Trial trial = trial_of(rows, true, static_cast<std::uint64_t>(1000 + run));
      alarms +=
          judge_one("worst_slice: accuracy, at_most: 0, by: [Shop, Age, Product], depth: 2, min_share: 2%", trial).verdict == Verdict::fail
              ? 1
              : 0;
    }
    RecordProperty(fmt::format("alarms_{}", rows), alarms);
    EXPECT_LE(alarms, slow ? 35 : 9) << rows << " rows; 7 % of 500, or the 99.9 % binomial bound of 5 % of 60";
  }
}

TEST(Calibration, accepts_the_true_probabilities_and_refuses_sharpened_ones) {
  Trial honest = trial_of(3000);
  auto boastful = Trial::make(synthetic::oracle(true, 3.5), synthetic::reviews({3000}), synthetic::options());
  ASSERT_TRUE(boastful);
  EXPECT_EQ(judge_one("calibration: ece", honest).verdict, Verdict::pass);
  EXPECT_EQ(judge_one("calibration: ece, at_most: 5%", honest).verdict, Verdict::pass);
  EXPECT_EQ(judge_one("calibration: ece", *boastful).verdict, Verdict::fail);
  EXPECT_LT(*judge_one("calibration: ece", *boastful).p_value, 0.01);
}

TEST(Groups, are_drawn_as_wholes_and_leave_the_observed_value_alone) {
  const table::Table table = synthetic::reviews({2000, 1, 100});  // 20 products
  auto alone = Trial::make(synthetic::oracle(), table, synthetic::options()),
       grouped = Trial::make(synthetic::oracle(), table, synthetic::options("Product"));
  ASSERT_TRUE(alone && grouped);
  for (const std::string entry : {"metric: auc, at_least: 0.5", "gain: accuracy, over: majority, at_least: 0",
                                  "flips: decisions, under: {typos: 5%}, at_most: 90%", "calibration: ece, at_most: 50%"}) {
    const Outcome a = judge_one(entry, *alone), b = judge_one(entry, *grouped);
    ASSERT_TRUE(a.interval && b.interval) << entry << a.message << b.message;
    EXPECT_NEAR(a.observed.get<double>(), b.observed.get<double>(), 1e-12);
    EXPECT_TRUE(a.interval->high != b.interval->high || entry.starts_with("flips")) << entry;  // of flips the wider end counts
  }
}

TEST(Suite, mistakes_are_found_before_anything_runs_and_have_their_place) {
  EXPECT_THAT(message_of("metric: acuracy, at_least: 1"), HasSubstr("model.yaml:3:14: unknown metric 'acuracy' (nearest: 'accuracy')"));
  EXPECT_THAT(message_of("metrik: auc, at_least: 1"), HasSubstr("unknown subject 'metrik' (nearest: 'metric')"));
  EXPECT_THAT(message_of("drop: auc, under: typo, at_most: 1"), HasSubstr("unknown perturbation 'typo' (nearest: 'typos')"));
  EXPECT_THAT(message_of("drop: auc, at_most: 1"), HasSubstr("'drop' without 'under'"));
  EXPECT_THAT(message_of("drop: auc, under: {typos: 0%}, at_most: 1"), HasSubstr("expected more than 0%"));
  EXPECT_THAT(message_of("drop: auc, under: {case_upper: 5%}, at_most: 1"), HasSubstr("'case_upper' has no severity"));
  EXPECT_THAT(message_of("drop: auc, under: shuffle, at_most: 1"), HasSubstr("'shuffle' without 'columns'"));
  EXPECT_THAT(message_of("flips: typos, at_most: 1%"), HasSubstr("'flips' is 'typos', expected the word decisions"));
  EXPECT_THAT(message_of("gain: auc, at_least: 0"), HasSubstr("'gain' without 'over'"));
  EXPECT_THAT(message_of("metric: auc, at_least: {reference: mean}"), HasSubstr("expected a number or a share"));
  EXPECT_THAT(message_of("calibration: brier"), HasSubstr("'calibration' is 'brier', expected ece"));
  EXPECT_THAT(message_of("worst_slice: brier, at_least: 0.1"), HasSubstr("where less is better, expected at_most"));
  EXPECT_THAT(message_of("worst_slice: auc, at_least: 0.1, depth: 3"), HasSubstr("'depth' is 3, expected 1 or 2"));
  EXPECT_THAT(message_of("metric: auc, at_lest: 0.1"), HasSubstr("unknown predicate or parameter 'at_lest'"));
}

TEST(Suite, the_same_seed_gives_the_same_outcomes_on_any_number_of_threads) {
  std::vector<std::string> messages;
  for (const int threads : {1, 3}) {
    TrialOptions options = synthetic::options("Product");
    options.threads = threads;
    auto trial = Trial::make(synthetic::oracle(), synthetic::reviews({600, 1, 3}), options);
    ASSERT_TRUE(trial);
    const auto outcomes =
        judge("  - {metric: auc, at_least: 0.5}\n  - {drop: auc, under: typos, at_most: 0.5}\n  - {calibration: ece}\n", *trial);
    ASSERT_TRUE(outcomes);
    for (const Outcome& outcome : *outcomes) messages.push_back(outcome.message);
  }
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(messages[i], messages[i + 3]);
}

}  // namespace
}  // namespace cupel::robustness
