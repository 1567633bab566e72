// The feature part of the graph: what train_features.cc does with the training rows, as ONNX nodes.
#include <limits>

#include "base/invariant.h"
#include "model/train_features.h"

namespace cupel::model {
namespace {

using Value = GraphBuilder::Value;
using Element = GraphBuilder::Element;

/// One [rows, 1] value, or several side by side.
Value side_by_side(GraphBuilder& graph, const std::vector<Value>& values, std::string_view label) {
  if (values.size() == 1) return values[0];
  return graph.node("Concat", values, label, {{"axis", std::int64_t{1}}});
}

/// Sum of number coefficients times standardized numbers, and of the indicators' coefficients.
Value add_numbers_score(GraphBuilder& graph, const FeaturePlan& plan, const GraphInputs& inputs, std::span<const double> coefficients) {
  std::vector<double> means, deviations, slopes, when_missing;
  for (std::size_t i = 0; i < plan.numbers.size(); ++i) {
    means.push_back(plan.numbers[i].mean);
    deviations.push_back(plan.numbers[i].deviation);
    slopes.push_back(coefficients[2 * i]);
    when_missing.push_back(coefficients[2 * i + 1]);
  }
  const auto row = GraphBuilder::Shape::row;
  const Value raw = side_by_side(graph, inputs.numbers, "numbers");
  const Value is_missing = graph.node("IsNaN", {raw}, "numbers/missing");
  const Value centered = graph.node("Sub", {graph.cast(raw, Element::double_number, "numbers/double"), graph.numbers(means, "numbers/means", row)}, "numbers/centered");
  const Value scaled = graph.node("Div", {centered, graph.numbers(deviations, "numbers/deviations", row)}, "numbers/scaled");
  const Value above = graph.node("Max", {scaled, graph.number(-k_furthest)}, "numbers/above");
  const Value limited = graph.node("Min", {above, graph.number(k_furthest)}, "numbers/limited");
  const Value weighted = graph.node("Mul", {limited, graph.numbers(slopes, "numbers/slopes", row)}, "numbers/weighted");
  const Value filled = graph.node("Where", {is_missing, graph.numbers(when_missing, "numbers/when_missing", row), weighted}, "numbers/filled");
  return graph.node("ReduceSum", {filled, graph.integer(1)}, "numbers/score", {{"keepdims", std::int64_t{0}}});
}

/// A category's number or weight, an int64 a row [rows, 1]; `values` by column of the feature.
Value encode(GraphBuilder& graph, const CategoryFeature& category, const Value& input, std::span<const std::int64_t> values, std::string_view label) {
  std::vector<std::string> keys(category.known);
  keys.emplace_back();  // missing
  std::vector<std::int64_t> numbers(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(category.known.size()));
  numbers.push_back(values[category.missing()]);
  return graph.node("LabelEncoder", {input}, label, {{"default_int64", values[category.other()]}, {"keys_strings", keys}, {"values_int64s", numbers}},
                    GraphBuilder::Domain::ml);
}

Value add_categories_score(GraphBuilder& graph, const FeaturePlan& plan, const GraphInputs& inputs, std::span<const double> coefficients) {
  std::vector<Value> weights;
  for (std::size_t i = 0; i < plan.categories.size(); ++i) {
    std::vector<std::int64_t> values;
    for (std::size_t k = 0; k < plan.categories[i].num_columns(); ++k) values.push_back(fixed_point(coefficients[plan.category_begin(i) + k]));
    weights.push_back(encode(graph, plan.categories[i], inputs.categories[i], values, inputs.categories[i] + "/weight"));
  }
  const Value sum = graph.node("ReduceSum", {side_by_side(graph, weights, "categories"), graph.integer(1)}, "categories/sum", {{"keepdims", std::int64_t{0}}});
  return graph.node("Mul", {graph.cast(sum, Element::double_number, "categories/units"), graph.number(k_fixed_point_unit)}, "categories/score");
}

Value add_all(GraphBuilder& graph, const std::vector<Value>& parts, std::string_view label) {
  Value sum = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) sum = graph.node("Add", {sum, parts[i]}, label);
  return sum;
}

}  // namespace

GraphInputs add_inputs(GraphBuilder& graph, const FeaturePlan& plan) {
  GraphInputs inputs;
  for (const NumberFeature& feature : plan.numbers) inputs.numbers.push_back(graph.number_input(feature.name));
  for (const CategoryFeature& feature : plan.categories) inputs.categories.push_back(graph.text_input(feature.name));
  for (const TextFeature& feature : plan.texts) inputs.texts.push_back(graph.text_input(feature.name));
  return inputs;
}

Value add_texts_score(GraphBuilder& graph, const FeaturePlan& plan, const GraphInputs& inputs, std::span<const double> coefficients) {
  std::vector<Value> parts;
  for (std::size_t i = 0; i < plan.texts.size(); ++i) {
    const Vocabulary& vocabulary = plan.texts[i].vocabulary;
    parts.push_back(add_text_score(graph, inputs.texts[i], vocabulary, coefficients.subspan(plan.text_begin(i), vocabulary.num_grams())));
  }
  CHECK(!parts.empty());
  return add_all(graph, parts, "texts/score");
}

Value add_linear_score(GraphBuilder& graph, const FeaturePlan& plan, const GraphInputs& inputs, std::span<const double> coefficients) {
  CHECK(coefficients.size() == plan.num_columns() + 1, "{} coefficients of {} columns", coefficients.size(), plan.num_columns());
  std::vector<Value> parts;
  if (!plan.numbers.empty()) parts.push_back(add_numbers_score(graph, plan, inputs, coefficients));
  if (!plan.categories.empty()) parts.push_back(add_categories_score(graph, plan, inputs, coefficients));
  if (!plan.texts.empty()) parts.push_back(add_texts_score(graph, plan, inputs, coefficients));
  return graph.node("Add", {add_all(graph, parts, "features/score"), graph.number(coefficients.back())}, "linear/score");
}

Value add_tree_columns(GraphBuilder& graph, const FeaturePlan& plan, const GraphInputs& inputs) {
  std::vector<Value> parts(inputs.numbers);
  for (std::size_t i = 0; i < plan.categories.size(); ++i) {
    const CategoryFeature& category = plan.categories[i];
    std::vector<std::int64_t> columns(category.num_columns());
    for (std::size_t k = 0; k < columns.size(); ++k) columns[k] = static_cast<std::int64_t>(k);
    const Value& input = inputs.categories[i];
    const Value code = encode(graph, category, input, columns, input + "/number");
    const Value hit = graph.node("Equal", {code, graph.integers(columns, input + "/columns", GraphBuilder::Shape::row)}, input + "/is");
    parts.push_back(graph.cast(hit, Element::float_number, input + "/one_hot"));
  }
  if (parts.empty()) return {};
  return side_by_side(graph, parts, "columns");
}

}  // namespace cupel::model
