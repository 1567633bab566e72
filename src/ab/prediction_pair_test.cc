#include "ab/prediction_pair.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "stats/auc.h"
#include "stats/mcnemar.h"

namespace cupel::ab {
namespace {

using suite::Verdict;

struct Row {
  int row;
  int prediction;
  double probability;
  int label;
  int product;
};

table::Table file_of(const std::vector<Row>& rows) {
  std::vector<table::ColumnBuilder> columns{table::ColumnBuilder(table::Type::integer), table::ColumnBuilder(table::Type::integer),
                                            table::ColumnBuilder(table::Type::number), table::ColumnBuilder(table::Type::integer),
                                            table::ColumnBuilder(table::Type::integer)};
  for (const Row& row : rows) {
    columns[0].append(row.row);
    columns[1].append(row.prediction);
    columns[2].append(row.probability);
    if (row.label < 0)
      columns[3].append_null();
    else
      columns[3].append(row.label);
    columns[4].append(row.product);
  }
  using table::Type;
  return table::Table({{{"row", Type::integer},
                        {"prediction", Type::integer},
                        {"probability", Type::number},
                        {"liked", Type::integer},
                        {"product", Type::integer}}},
                      std::move(columns));
}

const PairColumns k_columns{"liked", "", "", ""};
const std::vector<Arm> k_arms{{"a", 0.5}, {"b", 0.5}};

/// `both` right, b right only in A, c only in B, d wrong in both.
std::pair<table::Table, table::Table> files_with(int both, int a_only, int b_only, int neither) {
  std::vector<Row> a;
  std::vector<Row> b;
  const auto add = [&](int count, bool a_right, bool b_right) {
    for (int i = 0; i < count; ++i) {
      const int row = static_cast<int>(a.size());
      const int label = row % 2;
      a.push_back({row, a_right ? label : 1 - label, 0.5, label, row / 4});
      b.push_back({row, b_right ? label : 1 - label, 0.5, label, row / 4});
    }
  };
  add(both, true, true);
  add(a_only, true, false);
  add(b_only, false, true);
  add(neither, false, false);
  return {file_of(a), file_of(b)};
}

Analysis analyze(const table::Table& a, const table::Table& b, Metric metric, const PairColumns& columns, const Question& question,
                 std::string_view salt = "ab") {
  const auto pair = pair_predictions(a, b, columns);
  EXPECT_TRUE(pair) << pair.error().message;
  const auto analysis = analyze_pair(*pair, metric, columns, k_arms, HashRule::sha256, salt, question);
  EXPECT_TRUE(analysis) << analysis.error().message;
  return *analysis;
}

TEST(PredictionPair, AccuracyIsComparedByMcNemarAndNewcombesPairedInterval) {
  // R: mcnemar 150 against 86: exact p 3.715936e-05, corrected 4.114562e-05.
  const auto [a, b] = files_with(3000, 150, 86, 500);
  Question question;
  question.claim = Claim::different;
  const Analysis analysis = analyze(a, b, Metric::accuracy, k_columns, question);
  const suite::Outcome& paired = analysis.outcomes.back();
  EXPECT_EQ(paired.id, "paired_difference(accuracy)");
  EXPECT_EQ(paired.verdict, Verdict::pass);
  EXPECT_NEAR(analysis.facts["mcnemar"]["p_exact"].get<double>(), 3.715936e-05, 5e-12);
  EXPECT_NEAR(analysis.facts["mcnemar"]["p_asymptotic_corrected"].get<double>(), 4.114562e-05, 5e-12);
  EXPECT_NEAR(*paired.p_value, stats::mcnemar_mid_p(150, 86), 1e-15);
  EXPECT_NEAR(paired.observed.get<double>(), (86.0 - 150) / 3736, 1e-15);
  EXPECT_NEAR(paired.interval->low, stats::paired_difference({3000, 150, 86, 500}, 0.95).low, 1e-15);
}

TEST(PredictionPair, TheSameModelTwiceIsTheSameAndNeverDifferent) {
  const auto [a, b] = files_with(300, 0, 0, 60);
  Question question;
  question.margin = 0.02;
  question.claim = Claim::same;
  EXPECT_EQ(analyze(a, a, Metric::accuracy, k_columns, question).outcomes.back().verdict, Verdict::pass);
  question.claim = Claim::different;
  question.margin = 0;
  const suite::Outcome paired = analyze(a, a, Metric::accuracy, k_columns, question).outcomes.back();
  EXPECT_NE(paired.verdict, Verdict::pass);
  EXPECT_EQ(*paired.p_value, 1);
}

TEST(PredictionPair, RowsMayStandInAnyOrder) {
  const std::vector<Row> a{{3, 1, 0.9, 1, 0}, {5, 0, 0.2, 1, 0}, {9, 0, 0.1, 0, 1}};
  const std::vector<Row> b{{9, 0, 0.3, 0, 1}, {3, 1, 0.8, 1, 0}, {5, 1, 0.7, 1, 0}};
  const auto pair = pair_predictions(file_of(a), file_of(b), k_columns);
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->correct[1], (std::vector<std::uint8_t>{1, 1, 1}));
  EXPECT_EQ(pair->probability[1], (std::vector<double>{0.8, 0.7, 0.3}));
}

TEST(PredictionPair, FilesThatDoNotMatchAreRefusedWithTheRow) {
  const std::vector<Row> a{{3, 1, 0.9, 1, 0}, {5, 0, 0.2, 1, 0}};
  const auto message = [&](const std::vector<Row>& b) { return pair_predictions(file_of(a), file_of(b), k_columns).error().message; };
  EXPECT_EQ(message({{3, 1, 0.9, 1, 0}}), "row 5 is in file A and not in file B");
  EXPECT_EQ(message({{3, 1, 0.9, 1, 0}, {5, 0, 0.2, 1, 0}, {6, 0, 0.2, 1, 0}}), "row 6 is in file B and not in file A");
  EXPECT_EQ(message({{3, 1, 0.9, 1, 0}, {3, 0, 0.2, 1, 0}}), "file B: row 3 is there twice");
  EXPECT_EQ(message({{3, 1, 0.9, 1, 0}, {5, 0, 0.2, 0, 0}}), "row 5 has label '1' in file A and '0' in file B, expected the same");
  EXPECT_EQ(message({{3, 1, 1.9, 1, 0}, {5, 0, 0.2, 1, 0}}), "file B: probability '1.9' in line 2, expected a number in [0, 1]");
  PairColumns columns = k_columns;
  columns.label = "likd";
  EXPECT_EQ(pair_predictions(file_of(a), file_of(a), columns).error().message, "file A: unknown column 'likd' (nearest: 'liked')");
  EXPECT_EQ(pair_predictions(file_of({}), file_of({}), k_columns).error().message,
            "no row with a label in both files, so there is nothing to compare");
}

TEST(PredictionPair, RowsWithoutALabelAreLeftOutAndCounted) {
  const std::vector<Row> a{{3, 1, 0.9, 1, 0}, {5, 0, 0.2, -1, 0}};
  const auto pair = pair_predictions(file_of(a), file_of(a), k_columns);
  EXPECT_EQ(pair->num_rows, 1);
  EXPECT_EQ(pair->without_label, 1);
}

TEST(PredictionPair, AMetricOfProbabilitiesNeedsTwoClasses) {
  const std::vector<Row> rows{{1, 1, 0.9, 1, 0}, {2, 2, 0.2, 2, 0}, {3, 3, 0.2, 3, 0}};
  const auto pair = pair_predictions(file_of(rows), file_of(rows), k_columns);
  ASSERT_TRUE(pair);
  EXPECT_EQ(analyze_pair(*pair, Metric::brier, k_columns, k_arms, HashRule::sha256, "ab", {}).error().message,
            "brier needs two classes, and which of them is the positive one is not known");
}

/// 40 products of 30 rows; scores of A and B around the label.
std::pair<table::Table, table::Table> scored(double quality_b) {
  Random random(5, "scored");
  std::vector<Row> a;
  std::vector<Row> b;
  for (int row = 0; row < 1200; ++row) {
    const int label = random.uniform() < 0.6 ? 1 : 0;
    const double shared = random.normal();
    const auto probability = [&](double quality) {
      return 1 / (1 + std::exp(-((label - 0.5) * quality + shared + 0.3 * random.normal())));
    };
    const double of_a = probability(2.0);
    const double of_b = probability(quality_b);
    a.push_back({row, of_a >= 0.5, of_a, label, row / 30});
    b.push_back({row, of_b >= 0.5, of_b, label, row / 30});
  }
  return {file_of(a), file_of(b)};
}

TEST(PredictionPair, WithoutClustersTheAucDifferenceIsDeLongs) {
  const auto [a, b] = scored(2.6);
  const auto pair = pair_predictions(a, b, k_columns);
  const stats::Estimate delong = *stats::auc_difference(pair->probability[0], pair->probability[1], pair->positive);
  const suite::Outcome paired = analyze(a, b, Metric::auc, k_columns, {}).outcomes.back();
  EXPECT_NEAR(paired.observed.get<double>(), delong.value, 1e-15);
  EXPECT_NEAR(*paired.p_value, delong.test().p_value, 1e-15);
}

TEST(PredictionPair, ABetterModelIsFoundByEveryMetricAndPairingNarrowsTheInterval) {
  const auto [a, b] = scored(2.8);
  Question question;
  question.claim = Claim::better;
  const PairColumns columns{"liked", "", "product", ""};
  for (const MetricEntry& metric : metric_table()) {
    const Analysis analysis = analyze(a, b, metric.metric, columns, question);
    ASSERT_EQ(analysis.outcomes.size(), 3U) << metric.name;
    EXPECT_EQ(analysis.outcomes[0].verdict, Verdict::pass) << metric.name;
    EXPECT_EQ(analysis.outcomes[1].severity, suite::Severity::warn) << metric.name;
    EXPECT_EQ(analysis.outcomes[2].verdict, Verdict::pass) << metric.name << ": " << analysis.outcomes[2].message;
    const auto width = [](const suite::Outcome& outcome) { return outcome.interval->high - outcome.interval->low; };
    EXPECT_LT(width(analysis.outcomes[2]), 0.6 * width(analysis.outcomes[1])) << metric.name;
  }
}

TEST(PredictionPair, TheSaltThatChoseTheRowsIsCaughtByTheSampleRatio) {
  auto [a, b] = scored(2.0);
  // Keep the products that a hold-out by the same hash and salt would have kept.
  const auto keep = [](const table::Table& table) {
    std::vector<std::int64_t> rows;
    const table::Column product = *table.column("product");
    for (std::int64_t row = 0; row < table.num_rows(); ++row) {
      if (bucket_of(HashRule::sha256, "same", table::value_text(product, row)) < 0.5) rows.push_back(row);
    }
    return table.take(rows);
  };
  const PairColumns columns{"liked", "", "product", ""};
  const Analysis analysis = analyze(keep(a), keep(b), Metric::accuracy, columns, {}, "same");
  EXPECT_EQ(analysis.outcomes[0].verdict, Verdict::fail);
  EXPECT_EQ(analysis.outcomes[1].verdict, Verdict::inconclusive);
  EXPECT_NE(analysis.outcomes[2].verdict, Verdict::error);
}

}  // namespace
}  // namespace cupel::ab
