#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/train_config.h"
#include "model/train_graph.h"
#include "model/train_matrix.h"
#include "model/train_text.h"
#include "table/table.h"

namespace cupel::model {

/// A number: standardized by the training rows, kept within 10 standard deviations; a missing one counts as the mean and is told apart by
/// an indicator. Values are rounded to float first, as the model's input does.
struct NumberFeature {
  std::string name;
  double mean = 0, deviation = 1;
  double low = 0, high = 0;       ///< seen in training
  std::int64_t num_missing = 0;   ///< in training
};

/// A category: one of those known, `other` (rare in training, or never seen) or missing.
struct CategoryFeature {
  std::string name;
  std::vector<std::string> known;  ///< in byte order
  std::int64_t num_other = 0, num_missing = 0;
  std::size_t num_columns() const { return known.size() + 2; }  ///< the known ones, other, missing
  std::size_t other() const { return known.size(); }
  std::size_t missing() const { return known.size() + 1; }
};

struct TextFeature {
  std::string name;
  Vocabulary vocabulary;
  std::int64_t num_missing = 0;
  std::size_t num_words = 0;  ///< distinct ones in training, known or not
};

/// What training rows say of the features; all that a graph needs beside coefficients.
struct FeaturePlan {
  std::vector<NumberFeature> numbers;
  std::vector<CategoryFeature> categories;
  std::vector<TextFeature> texts;

  // Columns of the linear model's matrix: per number its value and its indicator, then the categories, then the grams.
  std::size_t category_begin(std::size_t category) const;
  std::size_t text_begin(std::size_t text) const;
  std::size_t num_columns() const;
};

constexpr double k_furthest = 10;  ///< standard deviations

/// The plan and what the training rows are under it.
struct TrainFeatures {
  FeaturePlan plan;
  std::vector<std::vector<double>> numbers;            ///< by feature: float-rounded value of each row, NaN where missing
  std::vector<std::vector<std::uint32_t>> categories;  ///< by feature: column within the feature of each row
  std::vector<GramRows> grams;                         ///< by feature
};

/// Errors: a feature without any value in these rows; text where numbers are wanted (first value named); a text feature that is not text;
/// a number that is infinite.
Result<TrainFeatures> make_features(const TrainConfig& config, const table::Table& table, std::span<const std::int64_t> rows, int threads);

/// The linear model's matrix of these features.
SparseMatrix linear_matrix(const TrainFeatures& features);

/// A number as the linear model sees it: standardized and limited; 0 for a missing one.
double standardized(const NumberFeature& feature, double value);

/// The graph's inputs, one a feature, in the order numbers, categories, texts.
struct GraphInputs {
  std::vector<GraphBuilder::Value> numbers, categories, texts;
};
GraphInputs add_inputs(GraphBuilder& graph, const FeaturePlan& plan);

/// Nodes of the linear model: a double a row, the sum of coefficients times columns plus the intercept (the last coefficient).
GraphBuilder::Value add_linear_score(GraphBuilder& graph, const FeaturePlan& plan, const GraphInputs& inputs, std::span<const double> coefficients);
/// The part of it that comes from the texts alone.
GraphBuilder::Value add_texts_score(GraphBuilder& graph, const FeaturePlan& plan, const GraphInputs& inputs, std::span<const double> coefficients);

/// Nodes of the matrix that trees read: [rows, columns] floats; numbers (NaN where missing), categories one-hot.
GraphBuilder::Value add_tree_columns(GraphBuilder& graph, const FeaturePlan& plan, const GraphInputs& inputs);
std::size_t num_tree_columns(const FeaturePlan& plan);
/// The same of the training rows, row-major, with `further` columns after them.
std::vector<float> tree_matrix(const TrainFeatures& features, std::span<const std::vector<double>> further);

}  // namespace cupel::model
