#include "model/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/files.h"
#include "base/random.h"

namespace cupel::model {
namespace {

using ::testing::HasSubstr;

/// Eight rows with a tie; the expected values below are scikit-learn 1.7's (accuracy_score, roc_auc_score, average_precision_score, …).
Evaluation eight_rows() {
  Evaluation e;
  e.scores = {0.9, 0.8, 0.7, 0.7, 0.4, 0.35, 0.2, 0.1};
  e.actual = {1, 1, 0, 1, 1, 0, 0, 1};
  for (const double score : e.scores) e.decided.push_back(score >= 0.5 ? 1 : 0);
  return e;
}

double value(std::string_view name, const Evaluation& evaluation) { return metric_value(**find_metric(name), evaluation); }

TEST(Metrics, EveryMetricHasTheValueOfAnIndependentImplementation) {
  const Evaluation e = eight_rows();
  EXPECT_DOUBLE_EQ(value("accuracy", e), 5.0 / 8);           // 3 + 2 right
  EXPECT_DOUBLE_EQ(value("precision", e), 3.0 / 4);
  EXPECT_DOUBLE_EQ(value("recall", e), 3.0 / 5);
  EXPECT_DOUBLE_EQ(value("specificity", e), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value("balanced_accuracy", e), (3.0 / 5 + 2.0 / 3) / 2);
  EXPECT_DOUBLE_EQ(value("f1", e), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value("f1_negative", e), 4.0 / 7);
  EXPECT_NEAR(value("matthews", e), (3.0 * 2 - 1 * 2) / std::sqrt(4.0 * 5 * 3 * 4), 1e-15);
  EXPECT_DOUBLE_EQ(value("auc", e), 10.5 / 15);              // 15 pairs of a positive and a negative row, one of them a tie
  EXPECT_NEAR(value("average_precision", e), 0.2 * 1 + 0.2 * 1 + 0.2 * 0.75 + 0.2 * 0.8 + 0.2 * 0.625, 1e-15);
  const double brier = (0.01 + 0.04 + 0.49 + 0.09 + 0.36 + 0.1225 + 0.04 + 0.81) / 8;
  EXPECT_NEAR(value("brier", e), brier, 1e-15);
  const double loss = -(std::log(0.9) + std::log(0.8) + std::log(0.3) + std::log(0.7) + std::log(0.4) + std::log(0.65) + std::log(0.8) + std::log(0.1)) / 8;
  EXPECT_NEAR(value("log_loss", e), loss, 1e-12);
}

TEST(Metrics, ARowOfWeightTwoCountsAsTwoRows) {
  const Evaluation once = eight_rows();
  Evaluation twice = once;
  std::vector<double> weights(once.num_rows(), 1.0);
  for (const std::size_t i : {1u, 2u, 6u}) {
    weights[i] = 2;
    twice.scores.push_back(once.scores[i]);
    twice.actual.push_back(once.actual[i]);
    twice.decided.push_back(once.decided[i]);
  }
  for (const Metric& metric : metrics()) {
    const auto weighted = metric.prepare(std::make_shared<Evaluation>(once));
    EXPECT_NEAR(weighted(weights), metric_value(metric, twice), 1e-12) << metric.name;
  }
}

TEST(Metrics, WhatNeedsBothClassesIsUndefinedOnOneAndNeverANumber) {
  Evaluation e = eight_rows();
  e.actual.assign(8, 1);
  for (const std::string_view name : {"auc", "specificity", "f1_negative", "matthews", "balanced_accuracy"}) {
    EXPECT_TRUE(std::isnan(value(name, e))) << name;
    const auto measured = measure(**find_metric(name), e, {});
    ASSERT_FALSE(measured) << name;
    EXPECT_THAT(measured.error().message, HasSubstr("one class")) << name;
  }
  EXPECT_FALSE(measure(**find_metric("accuracy"), Evaluation{}, {}));
}

TEST(Metrics, IntervalsNameTheirMethodAndHoldTheValue) {
  Random random(1, "metrics test");
  Evaluation e;
  for (std::uint32_t i = 0; i < 400; ++i) {
    const double p = random.uniform();
    e.scores.push_back(p);
    e.actual.push_back(random.uniform() < p ? 1 : 0);
    e.decided.push_back(p >= 0.5 ? 1 : 0);
  }
  stats::BootstrapOptions options;
  options.resamples = 300;
  for (const Metric& metric : metrics()) {
    const auto measured = measure(metric, e, options);
    ASSERT_TRUE(measured) << metric.name;
    EXPECT_TRUE(measured->interval->contains(measured->value)) << metric.name;
    EXPECT_EQ(measured->method, metric.name == "auc" ? "DeLong" : metric.name == "accuracy" ? "Wilson" : "bootstrap");
  }
  for (std::uint32_t i = 0; i < 400; ++i) e.clusters.push_back(i / 10);
  const auto clustered = measure(**find_metric("auc"), e, options);
  ASSERT_TRUE(clustered);
  EXPECT_EQ(clustered->method, "cluster bootstrap");
}

TEST(Metrics, NoMistakeInAFewGroupsIsNotCertainty) {
  Evaluation e;
  for (std::uint32_t i = 0; i < 40; ++i) {
    e.actual.push_back(i % 2 != 0 ? 1 : 0);
    e.decided.push_back(e.actual.back());
    e.scores.push_back(e.actual.back());
    e.clusters.push_back(i / 10);
  }
  stats::BootstrapOptions options;
  options.resamples = 200;
  const auto measured = measure(**find_metric("accuracy"), e, options);
  ASSERT_TRUE(measured);
  EXPECT_EQ(measured->value, 1);
  EXPECT_LT(measured->interval->low, 0.6);  // four groups, not forty rows
}

TEST(Metrics, AnUnknownOneIsRefusedWithTheNearest) {
  const auto found = find_metric("acuracy");
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("nearest: 'accuracy'"));
}

TEST(Metrics, EachHasAPageWithItsSummaryAndTheTableIsSorted) {
  std::string_view before;
  for (const Metric& metric : metrics()) {
    EXPECT_LT(before, metric.name);
    before = metric.name;
    const auto page = read_file(fs::path(CUPEL_SOURCE_DIR) / "tests/metrics" / (std::string(metric.name) + ".md"));
    ASSERT_TRUE(page) << metric.name;
    EXPECT_TRUE(page->starts_with(fmt::format("# {}: {}\n", metric.name, metric.summary))) << metric.name;
  }
}

table::Table truth(std::vector<std::string> values) {
  table::ColumnBuilder column(table::Type::text);
  for (const std::string& text : values) {
    if (text.empty()) column.append_null();
    else column.append(std::string_view(text));
  }
  table::Schema schema;
  schema.fields.push_back({"Answer", table::Type::text, {}});
  std::vector<table::ColumnBuilder> columns;
  columns.push_back(std::move(column));
  return table::Table(std::move(schema), std::move(columns));
}

Scores three_scores() {
  Scores scores;
  scores.num_rows = 3;
  scores.classes = {"no", "yes"};
  scores.probabilities = {0.25f, 0.75f, 0.5f, 0.5f, 1.0f, 0.0f};
  scores.labels = {1, 1, 0};
  return scores;
}

TEST(Evaluation, LinesUpScoresAndTruthAndCanExchangeTheClasses) {
  const auto yes = make_evaluation(three_scores(), truth({"yes", "no", "no"}), "Answer", "");
  ASSERT_TRUE(yes);
  EXPECT_EQ(yes->actual, (std::vector<std::uint8_t>{1, 0, 0}));
  EXPECT_EQ(yes->decided, (std::vector<std::uint8_t>{1, 1, 0}));
  EXPECT_EQ(yes->scores, (std::vector<double>{0.75, 0.5, 0}));
  const auto no = make_evaluation(three_scores(), truth({"yes", "no", "no"}), "Answer", "no");
  ASSERT_TRUE(no);
  EXPECT_EQ(no->actual, (std::vector<std::uint8_t>{0, 1, 1}));
  EXPECT_EQ(no->scores, (std::vector<double>{0.25, 0.5, 1}));
}

TEST(Evaluation, ATruthThatIsMissingOrNoClassOfTheModelNamesItsRow) {
  const auto missing = make_evaluation(three_scores(), truth({"yes", "", "no"}), "Answer", "yes");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "the target 'Answer' is null in row 1");
  const auto other = make_evaluation(three_scores(), truth({"yes", "no", "maybe"}), "Answer", "yes");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().message, "the target 'Answer' is 'maybe' in row 2, the model's classes are no, yes");
  const auto column = make_evaluation(three_scores(), truth({"yes", "no", "no"}), "Answr", "yes");
  ASSERT_FALSE(column);
  EXPECT_THAT(column.error().message, HasSubstr("nearest: 'Answer'"));
}

}  // namespace
}  // namespace cupel::model
