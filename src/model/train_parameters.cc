#include "model/train_parameters.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"

namespace cupel::model {
namespace {

constexpr std::array<ParameterInfo, 13> k_parameters{{
    {"column_share", "share of the columns that a tree may use", 1.0, 0.05, 1.0, false, false, true, true},
    {"depth", "questions one after the other in a tree", 4, 1, 12, true, false, true, true},
    {"leaf_weight", "least weight of the rows in a leaf", 5.0, 0.0, 1e6, false, false, true, true},
    {"learning_rate", "share of a tree's answer that is added", 0.05, 1e-4, 1.0, false, false, true, true},
    {"maximum_categories", "known categories of a column, the most frequent", 200, 1, 10000, true, true, true, true},
    {"maximum_grams", "known words and pairs of a text column, the most frequent", 200000, 100, 2000000, true, true, false, true},
    {"minimum_category_rows", "rows that make a category known", 10, 1, 1e9, true, true, true, true},
    {"minimum_gram_rows", "rows that make a word or pair known", 2, 1, 1e9, true, true, false, true},
    {"regularization", "weight of the squared coefficients against the summed log loss", 0.5, 1e-6, 1e9, false, true, false, true},
    {"rounds", "number of trees", 200, 1, 5000, true, false, true, true},
    {"row_share", "share of the rows that a tree is grown from", 1.0, 0.05, 1.0, false, false, true, true},
    {"text_folds", "parts of the data whose text score comes from the other parts", 5, 2, 20, true, false, false, true},
    {"words", "longest run of words that counts as one: 1 or 2", 2, 1, 2, true, true, false, true},
}};

constexpr std::array<std::string_view, 3> k_estimators{"linear", "trees", "text+trees"};

bool knows(const ParameterInfo& info, Estimator estimator) {
  switch (estimator) {
    case Estimator::linear: return info.linear;
    case Estimator::trees: return info.trees;
    case Estimator::text_and_trees: break;
  }
  return info.text_and_trees;
}

}  // namespace

std::string_view estimator_name(Estimator estimator) { return k_estimators[static_cast<std::size_t>(estimator)]; }

Result<Estimator> parse_estimator(const yaml::Node& node) {
  ASSIGN_OR_RETURN(const std::string word, node.text("'estimator'"));
  const auto found = std::ranges::find(k_estimators, word);
  if (found != k_estimators.end()) return static_cast<Estimator>(found - k_estimators.begin());
  const std::vector<std::string> names(k_estimators.begin(), k_estimators.end());
  return node.fail_here(fmt::format("unknown estimator '{}'{}", shorten(word, 60), nearest_note(word, names)));
}

std::span<const ParameterInfo> parameters() { return k_parameters; }

Result<Parameters> read_parameters(const yaml::Node* node, Estimator estimator) {
  Parameters values;
  std::vector<std::string> names;
  for (const ParameterInfo& info : k_parameters) {
    if (!knows(info, estimator)) continue;
    values.emplace(info.name, info.value);
    names.emplace_back(info.name);
  }
  if (node == nullptr) return values;
  TRY(node->only_keys(names, fmt::format("the parameters of '{}'", estimator_name(estimator))));
  for (const yaml::Node::Member& member : node->members) {
    const ParameterInfo& info = *std::ranges::find(k_parameters, member.key.scalar, &ParameterInfo::name);
    ASSIGN_OR_RETURN(const double value, member.value.number(fmt::format("'{}'", info.name)));
    if (!(value >= info.low && value <= info.high) || (info.whole && value != std::floor(value))) {
      return member.value.fail_here(fmt::format("'{}' is {}, expected a {}number from {} to {}", info.name, number_text(value),
                                                info.whole ? "whole " : "", number_text(info.low), number_text(info.high)));
    }
    values.find(info.name)->second = value;
  }
  return values;
}

}  // namespace cupel::model
