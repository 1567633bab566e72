#include "prove/proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "expectations/data_check.h"
#include "prove/detectable_change.h"
#include "prove/proof_json.h"
#include "prove/trial_table_internal.h"

namespace cupel::prove {
namespace {

using ::testing::HasSubstr;

suite::Suite suite_of(const std::string& entries) {
  suite::LoadOptions load = expectations::data_subjects();
  load.reasons_required = false;
  const auto suite = suite::parse_suite("cupel: 1\nsuite: trial\nexpect:\n" + entries, "trial", load);
  EXPECT_TRUE(suite) << suite.error().text();
  return *suite;
}

ProofOptions options_with(const std::vector<std::string>& faults, std::int64_t rows = 200, int batches = 60) {
  ProofOptions options;
  options.batches = {.rows = rows, .count = batches, .seed = 3};
  options.faults = *select_faults(faults);
  options.repetitions = 5;
  options.threads = 2;
  return options;
}

Proof proved(const std::string& entries, const ProofOptions& options) {
  const table::Table baseline = trial_table(2000);
  auto proof = prove_suite(suite_of(entries), baseline, nullptr, options);
  EXPECT_TRUE(proof) << proof.error().text();
  return std::move(*proof);
}

const CaseProof& case_of(const Proof& proof, std::string_view words) {
  for (const CaseProof& each : proof.cases) {
    if (each.fault_case.words() == words) return each;
  }
  ADD_FAILURE() << "no case " << words;
  return proof.cases.front();
}

// By hand: `values: count` sees every value above 60, so ×10 in any share (all counts are 1 … 60; those above 6 leave the range), and no nulls. `nulls:
// count equals 0` sees every null. Nothing sees a sign of `amount`.
TEST(Proof, ScoresASuiteOfKnownTruth) {
  const Proof proof = proved("  - {values: count, between: [1, 60]}\n  - {nulls: count, equals: 0}\n  - {nulls: count, at_most: 50%, severity: warn}\n", options_with({"units", "nulls_mcar", "sign"}));
  EXPECT_EQ(proof.suite_alarms.alarms, 0);
  EXPECT_EQ(proof.suite_alarms.batches, 60);
  EXPECT_TRUE(case_of(proof, "units of count: ×10 in every value").killed);
  EXPECT_TRUE(case_of(proof, "units of count: ×1,000 in 10 % of the values").killed);
  EXPECT_TRUE(case_of(proof, "nulls_mcar of count: 1 % of the values").killed);
  EXPECT_FALSE(case_of(proof, "sign of amount: every value").killed);
  EXPECT_FALSE(case_of(proof, "units of amount: ×10 in every value").killed);
  for (const Score& column : proof.columns) {
    EXPECT_EQ(column.killed, column.name == "count" ? column.counted : 0) << column.name;
  }
  EXPECT_FALSE(proof.expectations[0].redundant);
  EXPECT_FALSE(proof.expectations[1].redundant);
  EXPECT_TRUE(proof.expectations[2].redundant) << "it only warns of what the second one stops";
  EXPECT_EQ(case_of(proof, "nulls_mcar of count: every value").alarms_of, (std::vector<int>{5, 5, 5})) << "a column of nulls cannot be tested row by row";
  EXPECT_EQ(case_of(proof, "nulls_mcar of constant: 1 % of the values").group, CaseClass::counted);
  EXPECT_EQ(case_of(proof, "units of amount: ×10 in every value").kills, 0);
}

TEST(Proof, CountsApartWhatChangesNothing) {
  const Proof proof = proved("  - {rows: table, equals: 200}\n", options_with({"random_sample", "wrong_join", "casing"}));
  EXPECT_EQ(case_of(proof, "random_sample: half of the rows").group, CaseClass::keeps_distribution);
  EXPECT_EQ(case_of(proof, "random_sample: half of the rows").kills, 5) << "seen all the same, and said so";
  EXPECT_EQ(case_of(proof, "wrong_join of team: every row").group, CaseClass::keeps_marginals);
  for (const CaseProof& each : proof.cases) {
    EXPECT_TRUE(each.fault_case.fault->name == "casing" || each.group != CaseClass::counted) << each.fault_case.words();
  }
  EXPECT_EQ(proof.score.counted, 18) << "three columns have letters, six severities each";
}

TEST(Proof, ProposesExpectationsThatKillSurvivorsAndAreSilent) {
  const Proof proof = proved("  - {nulls: count, equals: 0}\n", options_with({"units", "new_category", "type_change", "truncated_load", "duplicate_keys"}));
  EXPECT_LT(proof.score.share(), 0.2);
  ASSERT_FALSE(proof.proposals.empty());
  const table::Table baseline = trial_table(2000);
  std::string entries;
  for (const Proposal& each : proof.proposals) entries += "  - " + each.entry + "\n";
  const Proof better = proved(entries, options_with({"units", "new_category", "type_change", "truncated_load", "duplicate_keys"}));
  EXPECT_EQ(better.suite_alarms.alarms, 0);
  int promised = 0;
  for (const CaseProof& each : proof.cases) promised += each.proposal >= 0 ? 1 : 0;
  EXPECT_GE(better.score.killed, promised);
  EXPECT_GT(better.score.share(), 0.9);
}

TEST(Proof, SaysWhichExpectationFailsOnItsOwnBaselineAndAlarmsTooOftenWithABetterLimit) {
  const Proof proof = proved("  - {nulls: amount, at_most: 9%}\n  - {mean: count, between: [29, 31.5]}\n  - {values: missing, at_least: 0}\n", options_with({"sign"}));
  EXPECT_TRUE(proof.expectations[0].baseline_message.has_value() || proof.expectations[0].alarms_too_often);
  EXPECT_TRUE(proof.expectations[1].alarms_too_often);
  ASSERT_TRUE(proof.expectations[1].better_limit);
  EXPECT_THAT(proof.expectations[1].better_limit->words, HasSubstr("between: ["));
  EXPECT_EQ(proof.expectations[1].better_limit->then, 0);
  EXPECT_EQ(proof.expectations[2].baseline_verdict, suite::Verdict::error);
  EXPECT_THAT(*proof.expectations[2].baseline_message, HasSubstr("unknown column 'missing'"));
}

TEST(Proof, IsTheSameForAnyNumberOfThreads) {
  ProofOptions options = options_with({"cupel"}, 200, 20);
  options.repetitions = 2;
  const std::string entries = "  - {values: count, between: [1, 60]}\n  - {mean: amount, between: [35, 45]}\n  - {distribution: team, like: {Red: 20%, Blue: 20%, Green: 20%, Yellow: 40%}}\n";
  std::vector<std::string> texts;
  for (const int threads : {1, 3}) {
    options.threads = threads;
    Proof proof = proved(entries, options);
    proof.seconds = 0;
    texts.push_back(json_text(proof_json(proof)));
  }
  EXPECT_EQ(texts[0], texts[1]);
}

/// Stated at power 80 %; simulated on batches that the statement has not seen.
void expect_detected(const std::string& entry, double low, double high, std::int64_t rows = 500) {
  const table::Table baseline = trial_table(40'000, 11);
  const suite::Suite suite = suite_of("  - " + entry + "\n");
  const auto evaluator = Evaluator::make(suite.expectations, baseline.schema());
  ASSERT_TRUE(evaluator) << evaluator.error().text();
  const BaselineFacts facts = baseline_facts(baseline);
  const auto batches = CleanBatches::make(baseline, {.rows = rows, .count = 400, .seed = 1});
  const auto fresh = CleanBatches::make(baseline, {.rows = rows, .count = 400, .seed = 2});
  ASSERT_TRUE(batches && fresh);
  const auto judge = [&](const CleanBatches& each) {
    std::vector<std::vector<Judgement>> judged;
    for (int i = 0; i < each.size(); ++i) judged.push_back(evaluator->judge(each.batch(i)));
    return judged;
  };
  const auto judged = judge(*batches);
  const CleanSide side{&*evaluator, &*batches, &facts, judged, 1};
  const auto change = detectable_change(side, 0);
  ASSERT_TRUE(change) << entry;
  const auto ramp = ramp_of(side, *change, 0);
  ASSERT_TRUE(ramp) << entry << ": " << change->words;
  const auto fresh_judged = judge(*fresh);
  const CleanSide other{&*evaluator, &*fresh, &facts, fresh_judged, 99};
  const double rate = detection_rate(other, 0, *ramp, change->amount, 400);
  EXPECT_GE(rate, low) << entry << ": " << change->words;
  EXPECT_LE(rate, high) << entry << ": " << change->words;
}

// The bar is 80 % ± 5 points; 400 batches have a standard error of 2 points, and so has what was stated: three of both are 8.
TEST(DetectableChange, OfSharesIsCaughtInFourBatchesOfFive) {
  expect_detected("{nulls: amount, at_most: 14%}", 0.72, 0.88);
  expect_detected("{share: team, of: Red, at_most: 28%}", 0.72, 0.88);
  expect_detected("{values: amount, between: [-40, 120], mostly: 99%}", 0.72, 0.88);
  expect_detected("{values: team, in: [Red, Blue, Green, Yellow], mostly: 98%}", 0.72, 0.88);
}

TEST(DetectableChange, OfQuantitiesIsCaughtInFourBatchesOfFive) {
  expect_detected("{mean: amount, at_most: 43}", 0.72, 0.88);
  expect_detected("{sum: amount, at_most: 20000}", 0.72, 0.88);
  expect_detected("{stddev: amount, between: [12, 18]}", 0.72, 0.88);
  expect_detected("{quantile: amount, at: 0.9, at_most: 65}", 0.72, 0.9);
}

TEST(DetectableChange, BySimulationIsCaughtInFourBatchesOfFive) {
  expect_detected("{distinct: count, at_most: 63}", 0.72, 0.88);
  expect_detected("{distinct: team, between: [3, 9]}", 0.72, 0.88);
  expect_detected("{distribution: team, like: {Red: 20%, Blue: 20%, Green: 20%, Yellow: 40%}, within: {tvd: 5%}}", 0.72, 0.88);
  expect_detected("{skewness: amount, at_most: 1}", 0.72, 0.88);
}

// P(no hit in n rows) = (1 - p)^n: at power 80 % p = 1 - 0.2^(1/500) = 0.3214 %.
TEST(DetectableChange, OfARuleWithoutToleranceIsTheKnownFormula) {
  const table::Table baseline = trial_table(5000);
  const suite::Suite suite = suite_of("  - {nulls: count, equals: 0}\n");
  const auto evaluator = Evaluator::make(suite.expectations, baseline.schema());
  const BaselineFacts facts = baseline_facts(baseline);
  const auto batches = CleanBatches::make(baseline, {.rows = 500, .count = 10});
  std::vector<std::vector<Judgement>> judged;
  for (int i = 0; i < 10; ++i) judged.push_back(evaluator->judge(batches->batch(i)));
  const auto change = detectable_change({&*evaluator, &*batches, &facts, judged, 1}, 0);
  ASSERT_TRUE(change);
  EXPECT_NEAR(change->amount, 0.0032137, 1e-6);
  EXPECT_EQ(change->words, "nulls in 0.32 % of the rows");
}

}  // namespace
}  // namespace cupel::prove
