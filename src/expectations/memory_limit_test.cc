// Verdicts beyond the memory limit of a state, or beyond the budget of all: the same as with all memory, by a temporary file, or by further scans where a
// sketch leaves them open.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/memory_budget.h"
#include "base/random.h"
#include "expectations/data_check.h"
#include "expectations/run_suite.h"
#include "table/table.h"

namespace cupel::expectations {
namespace {

constexpr std::int64_t k_rows = 200'000;

table::Table orders() {
  table::Schema schema{{{"id", table::Type::integer}, {"price", table::Type::number}, {"name", table::Type::text}}};
  std::vector<table::ColumnBuilder> columns;
  for (const table::Field& field : schema.fields) columns.emplace_back(field.type);
  Random random(1, "orders");
  for (std::int64_t row = 0; row < k_rows; ++row) {
    columns[0].append(row == 150'000 ? std::int64_t{7} : row);
    columns[1].append(std::exp(random.normal()));
    const auto name = random.below(4) == 0 ? std::uint64_t{0} : random.below(60'000);
    columns[2].append(std::string_view(fmt::format("name {}", name)));
  }
  return {std::move(schema), std::move(columns)};
}

/// Counts the scans of a table.
class Counted : public table::BatchSource {
 public:
  explicit Counted(table::Table& table) : table_(table) {}
  const table::Schema& schema() const override { return table_.schema(); }
  Result<std::int64_t> scan(std::span<const table::ColumnRequest> requests, table::ChunkVisitor& visitor, const table::ScanOptions& options) override {
    ++scans;
    return table_.scan(requests, visitor, options);
  }
  Result<Origin> origin() override { return table_.origin(); }
  int scans = 0;

 private:
  table::Table& table_;
};

struct Ran {
  std::vector<suite::Outcome> outcomes;
  int scans = 0;
};

Ran run(const std::string& entry, table::Table& table, std::int64_t state_bytes, int threads = 2) {
  suite::LoadOptions load = data_subjects();
  load.reasons_required = false;
  const auto suite = suite::parse_suite("cupel: 1\nsuite: limits\nexpect:\n" + entry, "limits", load);
  EXPECT_TRUE(suite) << suite.error().text();
  Counted source(table);
  RunOptions options;
  options.state_bytes = state_bytes;
  options.scan.threads = threads;
  options.scan.chunk_bytes = 64 * 5'000;
  auto judged = judge_all(suite->expectations, source, &table, options);
  EXPECT_TRUE(judged) << judged.error().text();
  return {std::move(judged->outcomes), source.scans};
}

constexpr std::int64_t k_little = 64 << 10;

// A median of 200,000 log-normal prices: 1 within sqrt(pi / 2 / 200000) = 0.0028, one standard error.
TEST(MemoryLimit, AQuantileThatTheSketchDecidesIsApproximateWithItsBound) {
  table::Table table = orders();
  const Ran exact = run("  - {median: price, between: [0.9, 1.1]}\n", table, states::k_state_bytes);
  const Ran little = run("  - {median: price, between: [0.9, 1.1]}\n", table, k_little);
  EXPECT_EQ(exact.scans, 1);
  EXPECT_EQ(little.scans, 1);
  EXPECT_FALSE(exact.outcomes[0].interval);
  ASSERT_TRUE(little.outcomes[0].interval);
  EXPECT_EQ(little.outcomes[0].verdict, suite::Verdict::pass);
  const double truth = exact.outcomes[0].observed.get<double>();
  EXPECT_LE(little.outcomes[0].interval->low, truth);
  EXPECT_GE(little.outcomes[0].interval->high, truth);
  EXPECT_LT(little.outcomes[0].interval->high - little.outcomes[0].interval->low, 0.03);
}

TEST(MemoryLimit, AQuantileThatTheSketchLeavesOpenIsMadeExactByOneMoreScan) {
  table::Table table = orders();
  const double truth = run("  - {median: price, at_least: 0}\n", table, states::k_state_bytes).outcomes[0].observed.get<double>();
  for (const bool holds : {true, false}) {
    const std::string entry = fmt::format("  - {{median: price, at_least: {:.17g}}}\n", holds ? truth : std::nextafter(truth, 2));
    for (const int threads : {1, 2}) {
      const Ran little = run(entry, table, k_little, threads);
      EXPECT_EQ(little.scans, 2);
      EXPECT_EQ(little.outcomes[0].verdict, holds ? suite::Verdict::pass : suite::Verdict::fail);
      EXPECT_EQ(little.outcomes[0].observed.get<double>(), truth);
      EXPECT_FALSE(little.outcomes[0].interval);
    }
  }
}

TEST(MemoryLimit, AQuantileOfTheReferenceIsMadeExact) {
  table::Table table = orders();
  const std::string entry = "  - {quantile: price, at: 0.9, equals: {reference: quantile}}\n";
  EXPECT_EQ(run(entry, table, k_little).outcomes[0].verdict, suite::Verdict::pass);
}

// The quartiles of log-normal prices: exp(0.6745) - exp(-0.6745) = 1.4535.
TEST(MemoryLimit, AnInterquartileRangeIsApproximateWithItsBoundOrMadeExactByOneMoreScan) {
  table::Table table = orders();
  const double truth = run("  - {interquartile_range: price, at_least: 0}\n", table, states::k_state_bytes).outcomes[0].observed.get<double>();
  EXPECT_NEAR(truth, 1.4535, 0.02);
  const Ran clear = run("  - {interquartile_range: price, between: [1.3, 1.6]}\n", table, k_little);
  EXPECT_EQ(clear.scans, 1);
  EXPECT_EQ(clear.outcomes[0].verdict, suite::Verdict::pass);
  ASSERT_TRUE(clear.outcomes[0].interval);
  EXPECT_LE(clear.outcomes[0].interval->low, truth);
  EXPECT_GE(clear.outcomes[0].interval->high, truth);
  EXPECT_LT(clear.outcomes[0].interval->high - clear.outcomes[0].interval->low, 0.1);
  for (const bool holds : {true, false}) {
    const std::string entry = fmt::format("  - {{interquartile_range: price, at_least: {:.17g}}}\n", holds ? truth : std::nextafter(truth, 2));
    for (const int threads : {1, 2}) {
      const Ran open = run(entry, table, k_little, threads);
      EXPECT_EQ(open.scans, 2);
      EXPECT_EQ(open.outcomes[0].verdict, holds ? suite::Verdict::pass : suite::Verdict::fail);
      EXPECT_EQ(open.outcomes[0].observed.get<double>(), truth);
      EXPECT_FALSE(open.outcomes[0].interval);
    }
  }
  EXPECT_EQ(run("  - {interquartile_range: price, equals: {reference: interquartile_range}}\n", table, k_little).outcomes[0].verdict, suite::Verdict::pass);
}

// name: a quarter "name 0", the rest of 60,000 names, of which exp(-150000/60000) = 8 % do not occur.
TEST(MemoryLimit, DistinctValuesAndDuplicatesAreExactInOneScan) {
  table::Table table = orders();
  const Ran distinct = run("  - {distinct: name, at_least: 1}\n", table, k_little);
  EXPECT_EQ(distinct.scans, 1);
  EXPECT_NEAR(static_cast<double>(distinct.outcomes[0].observed.get<std::int64_t>()), 60'000 * (1 - std::exp(-2.5)), 300);
  const Ran duplicates = run("  - {duplicates: id, equals: 0}\n", table, k_little);
  EXPECT_EQ(duplicates.scans, 1);
  EXPECT_EQ(duplicates.outcomes[0].unexpected_rows.rows(), (std::vector<std::int64_t>{150'000}));
}

/// The budget of the whole process, for as long as it lives.
class BudgetOf {
 public:
  explicit BudgetOf(std::int64_t bytes) : before_(MemoryBudget::of_process().limit()) { MemoryBudget::of_process().limit_to(bytes); }
  ~BudgetOf() { MemoryBudget::of_process().limit_to(before_); }

 private:
  std::int64_t before_;
};

// What does not fit goes to a temporary file: nothing else may show it.
TEST(MemoryLimit, WhatGoesToAFileIsJudgedAsInMemory) {
  table::Table table = orders();
  const std::vector<std::string> entries = {
      "  - {distribution: price, same_as: reference}\n",
      "  - {distribution: price, family: lognormal}\n",
      "  - {distribution: price, family: gamma}\n",
      "  - {distribution: price, family: uniform}\n",
      "  - {distribution: price, family: exponential, parameters: [1.6]}\n",
      "  - {distribution: id, family: poisson}\n",
      "  - {distribution: price, same_as: reference, within: {wasserstein: 0.1}}\n",
      "  - {distribution: price, same_as: reference, within: {psi: 0.1}}\n",
      "  - {distribution: price, same_as: reference, where: id > 50000}\n",
      "  - {distinct: name, at_most: 1000}\n",
      "  - {distinct: id, at_least: 99%}\n",
      "  - {duplicates: id, equals: 0}\n",
      "  - {duplicates: [name, price], at_most: 1}\n",
      "  - {duplicates: name, at_most: 10%}\n",
      "  - {median: price, between: [0.9, 1.1]}\n",
      "  - {quantile: price, at: 0.25, at_least: 0.6}\n",
      "  - {interquartile_range: price, at_most: 2}\n",
      "  - {primary_key: id, mostly: 99%}\n",
      "  - {primary_key: [name, price]}\n",
      "  - {uniqueness: id, at_least: 99%}\n",
      "  - {uniqueness: name, equals: 0}\n",
      "  - {unique_value_ratio: name, at_least: 50%}\n",
      "  - {determined: price, by: id}\n",
      "  - {determined: name, by: [id, price]}\n",
      "  - {determined: id, by: name}\n",
      "  - {leakage: id, at_most: 10%, where: id < 3000}\n",
      "  - {new_values: id, equals: 0}\n",
      "  - {outliers: price, at_most: 1%}\n",
      "  - {outliers: price, method: mad, at_most: 1%}\n",
      "  - {outliers: price, method: z, at_most: 1%}\n",
      "  - {gaps: id, at_most: 1}\n",
      "  - {coded_nulls: price, equals: 0}\n",
      "  - {share: name, of: [name 0, name 5, nobody], at_most: 50%}\n",
      "  - {share: id, of: [7, 8.0], at_most: 1}\n",
      "  - {distribution: name, like: {name 0: 25%, name 17: 1%}}\n",
      "  - {distribution: name, like: {name 0: 25%, name 17: 1%}, within: {js: 0.1}}\n",
      "  - {mode: name, equals: name 0}\n",
      "  - {mode: name, not_in: [name 0]}\n",
      "  - {mode_share: name, at_most: 26%}\n",
      "  - {constant_columns: table, almost: 20%, equals: 1}\n",
      "  - {distinct_values: name, not_in: [name 3, nobody]}\n",
      "  - {distinct_values: name, include: [name 0, nobody]}\n",
      "  - {distinct_values: id, same_as: reference}\n",
  };
  // Beyond its own limit a quantile is that of a sketch; what all expectations share changes nothing.
  const std::set<std::string> sketched = {"  - {median: price, between: [0.9, 1.1]}\n", "  - {quantile: price, at: 0.25, at_least: 0.6}\n", "  - {interquartile_range: price, at_most: 2}\n"};
  for (const std::string& entry : entries) {
    SCOPED_TRACE(entry);
    const Ran exact = run(entry, table, states::k_state_bytes);
    const Ran again = run(entry, table, states::k_state_bytes, 1);
    const Ran little = run(entry, table, k_little);
    const suite::Outcome& in_memory = exact.outcomes[0];
    ASSERT_NE(in_memory.verdict, suite::Verdict::error) << in_memory.message;
    std::vector<suite::Outcome> others = {again.outcomes[0]};
    if (!sketched.contains(entry)) others.push_back(little.outcomes[0]);
    if (sketched.contains(entry)) {
      const BudgetOf little_of_all(16 << 10);
      const suite::Outcome same = run(entry, table, k_little).outcomes[0];
      EXPECT_EQ(same.message, little.outcomes[0].message);
      EXPECT_EQ(same.observed, little.outcomes[0].observed);
      EXPECT_EQ(same.interval.has_value(), little.outcomes[0].interval.has_value());
      if (same.interval && little.outcomes[0].interval) {
        EXPECT_EQ(same.interval->low, little.outcomes[0].interval->low);
      }
    }
    for (const std::int64_t budget : {std::int64_t{64} << 10, std::int64_t{2} << 20}) {
      const BudgetOf little_of_all(budget);
      others.push_back(run(entry, table, states::k_state_bytes).outcomes[0]);
    }
    for (const suite::Outcome& other : others) {
      EXPECT_EQ(other.verdict, in_memory.verdict);
      EXPECT_EQ(other.message, in_memory.message);
      EXPECT_EQ(other.observed, in_memory.observed);
      EXPECT_EQ(other.chart, in_memory.chart);
      EXPECT_EQ(other.unexpected_rows, in_memory.unexpected_rows);
    }
  }
}

// Sums of many small terms come in another order, and values that tie are named by another rule.
TEST(MemoryLimit, NumbersOfFrequenciesAreThoseInMemory) {
  table::Table table = orders();
  for (const std::string entry : {"  - {entropy: name, at_least: 1}\n", "  - {class_balance: name, at_most: 1}\n", "  - {distribution: name, same_as: reference, where: id < 4000}\n",
                                  "  - {distribution: name, same_as: reference, within: {hellinger: 0.1}, where: id < 4000}\n", "  - {distinct_values: name, in: [name 0, name 1]}\n",
                                  "  - {new_values: name, equals: 0}\n"}) {
    SCOPED_TRACE(entry);
    const suite::Outcome exact = run(entry, table, states::k_state_bytes).outcomes[0];
    const Ran little = run(entry, table, k_little);
    EXPECT_EQ(little.scans, 1);
    EXPECT_EQ(little.outcomes[0].verdict, exact.verdict) << little.outcomes[0].message;
    if (exact.observed.is_number()) {
      EXPECT_NEAR(little.outcomes[0].observed.get<double>(), exact.observed.get<double>(), 1e-12 * std::abs(exact.observed.get<double>()));
    }
    EXPECT_EQ(little.outcomes[0].message.substr(0, 12), exact.message.substr(0, 12));
  }
}

}  // namespace
}  // namespace cupel::expectations
