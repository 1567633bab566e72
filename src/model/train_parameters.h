#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/yaml.h"

namespace cupel::model {

enum class Estimator { linear, trees, text_and_trees };
/// `linear`, `trees`, `text+trees`.
std::string_view estimator_name(Estimator estimator);
Result<Estimator> parse_estimator(const yaml::Node& node);

/// A number of `parameters:` with the range that it may have.
struct ParameterInfo {
  std::string_view name;
  std::string_view summary;
  double value;  ///< default
  double low, high;
  bool whole;    ///< whole numbers only
  bool linear, trees, text_and_trees;  ///< which estimators know it
};
/// All of them by name.
std::span<const ParameterInfo> parameters();

/// Name to number, complete for one estimator.
using Parameters = std::map<std::string, double, std::less<>>;
/// Defaults, overwritten by the node's (null pointer: none). Errors: unknown name (nearest), a number out of its range.
Result<Parameters> read_parameters(const yaml::Node* node, Estimator estimator);

}  // namespace cupel::model
