#include "prove/evaluator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expectations/data_check.h"
#include "expectations/run_suite.h"
#include "prove/batches.h"
#include "prove/data_fault.h"
#include "prove/trial_table_internal.h"

namespace cupel::prove {
namespace {

using ::testing::HasSubstr;

suite::Suite trial_suite(std::string_view more = "") {
  suite::LoadOptions load = expectations::data_subjects();
  load.reasons_required = false;
  const std::string text = R"(cupel: 1
segments: {active: "active = true"}
expect:
  - {rows: table, between: [500, 700]}
  - {columns: table, include: [id, amount, team]}
  - {duplicates: id, equals: 0}
  - {nulls: amount, at_most: 15%}
  - {nulls: name, at_most: 25%, where: active}
  - {values: amount, between: [-50, 150], mostly: 99%}
  - {values: team, in: [Red, Blue, Green, Yellow]}
  - {type: count, equals: integer}
  - {mean: amount, between: [30, 50]}
  - {median: count, between: [20, 40]}
  - {every_row: "start <= \"end\""}
  - {every_row: "count > 0"}
  - {lengths: name, between: [1, 30]}
  - {distribution: team, like: {Red: 20%, Blue: 20%, Green: 20%, Yellow: 40%}, within: {tvd: 15%}}
  - {values: start, match: "^\\d{4}-\\d{2}-\\d{2}$"}
)";
  const auto suite = suite::parse_suite(text + std::string(more), "trial", load);
  EXPECT_TRUE(suite) << suite.error().text();
  return *suite;
}

std::string facts_of(const suite::Outcome& outcome) {
  return fmt::format("{} {} {} {}", suite::verdict_name(outcome.verdict), outcome.message, outcome.observed.dump(), outcome.unexpected_rows.size());
}

/// Every `step`-th case, judged in three ways.
void compare_with_run_suite(const suite::Suite& suite, std::size_t step, int at_least_different) {
  const table::Table baseline = trial_table();
  const BaselineFacts facts = baseline_facts(baseline);
  const auto evaluator = Evaluator::make(suite.expectations, baseline.schema(), &baseline);
  ASSERT_TRUE(evaluator) << evaluator.error().text();
  const std::vector<Judgement> clean = evaluator->judge(baseline);
  const std::vector<FaultCase> cases = fault_cases(fault_table(), facts);
  int different = 0;
  for (std::size_t at = 0; at < cases.size(); at += step) {
    const table::Table faulty = apply_fault(cases[at], baseline, facts, 3, 0);
    table::Table data = faulty;
    table::Table reference = baseline;
    expectations::RunOptions run;
    run.seed = 1;
    run.scan = {2, 64 * 50, 37, {}};
    const auto truth = expectations::run_suite(suite, data, &reference, run);
    ASSERT_TRUE(truth) << truth.error().text();
    const auto outcomes = evaluator->outcomes(faulty);
    const auto judged = evaluator->judge_changed(faulty, baseline, clean);
    ASSERT_EQ(judged.size(), truth->results.size());
    for (std::size_t i = 0; i < judged.size(); ++i) {
      EXPECT_EQ(facts_of(outcomes[i]), facts_of(truth->results[i])) << cases[at].words();
      EXPECT_EQ(judged[i], judgement_of(truth->results[i])) << cases[at].words() << ": " << truth->results[i].id << " " << truth->results[i].message;
      different += judged[i] == clean[i] ? 0 : 1;
    }
  }
  EXPECT_GT(different, at_least_different);
}

TEST(Evaluator, JudgesATableWithAFaultAsRunSuiteDoes) { compare_with_run_suite(trial_suite(), 1, 300); }

TEST(Evaluator, JudgesAgainstAReferenceAsRunSuiteDoes) {
  compare_with_run_suite(trial_suite("  - {distribution: amount, same_as: reference, within: {ks: 0.2}}\n"), 40, 10);
}

TEST(Evaluator, KnowsTheColumnsThatAnExpectationReads) {
  const table::Table baseline = trial_table();
  const suite::Suite suite = trial_suite();
  const auto evaluator = Evaluator::make(suite.expectations, baseline.schema(), &baseline);
  ASSERT_TRUE(evaluator) << evaluator.error().text();
  const auto field = [&](std::string_view name) { return *baseline.schema().find(name); };
  EXPECT_TRUE(evaluator->fields_of(0).empty());
  EXPECT_EQ(evaluator->fields_of(4), (std::vector<int>{field("name"), field("active")})) << "the filter's column, too";
  EXPECT_EQ(evaluator->fields_of(10), (std::vector<int>{field("start"), field("end")}));
}

TEST(CleanBatches, OfASplitAreDisjointUntilTheRowsAreSpent) {
  const table::Table baseline = trial_table(103);
  const auto batches = CleanBatches::make(baseline, {.rows = 10, .count = 25, .seed = 4});
  ASSERT_TRUE(batches) << batches.error().text();
  EXPECT_EQ(batches->size(), 25);
  for (const int deal : {0, 10}) {
    std::vector<int> times(103, 0);
    for (int i = deal; i < deal + 10; ++i) {
      EXPECT_EQ(batches->batch(i).num_rows(), 10);
      EXPECT_TRUE(std::ranges::is_sorted(batches->rows(i)));
      for (const std::int64_t row : batches->rows(i)) ++times[static_cast<std::size_t>(row)];
    }
    EXPECT_EQ(std::ranges::count(times, 1), 100);
    EXPECT_EQ(std::ranges::max(times), 1);
  }
  EXPECT_NE(batches->rows(0), batches->rows(10));
}

TEST(CleanBatches, OfAColumnAreItsValues) {
  const table::Table baseline = trial_table(60);
  const auto batches = CleanBatches::make(baseline, {.method = BatchMethod::column, .column = "team"});
  ASSERT_TRUE(batches) << batches.error().text();
  EXPECT_EQ(batches->size(), 4);
  std::size_t rows = 0;
  for (int i = 0; i < batches->size(); ++i) {
    for (const std::int64_t row : batches->rows(i)) EXPECT_EQ(baseline.column(4).text(row), batches->name(i));
    rows += batches->rows(i).size();
  }
  EXPECT_EQ(rows, 60u);
}

TEST(CleanBatches, SayClearlyWhatIsTooLittle) {
  const table::Table baseline = trial_table(100);
  EXPECT_THAT(CleanBatches::make(baseline, {.rows = 101}).error().message, HasSubstr("the baseline has 100 rows, fewer than the 101 of a batch"));
  EXPECT_THAT(CleanBatches::make(baseline, {.rows = 51}).error().message, HasSubstr("expected at least two batches of 51"));
  EXPECT_TRUE(CleanBatches::make(baseline, {.method = BatchMethod::bootstrap, .rows = 51, .count = 3}));
  EXPECT_THAT(CleanBatches::make(baseline, {.method = BatchMethod::column, .column = "constant"}).error().message, HasSubstr("one value '42'"));
  EXPECT_THAT(CleanBatches::make(baseline, {.method = BatchMethod::column, .column = "empty"}).error().message, HasSubstr("no value"));
  EXPECT_THAT(CleanBatches::make(baseline, {.method = BatchMethod::column, .column = "tam"}).error().message, HasSubstr("unknown column 'tam' (nearest: 'team')"));
}

}  // namespace
}  // namespace cupel::prove
