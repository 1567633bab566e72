#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/yaml.h"
#include "suite/limit.h"

namespace cupel::suite {

/// How a predicate's value is written.
enum class Shape {
  one,      ///< one limit
  two,      ///< a list of two limits, low and high
  list,     ///< a list of limits
  pattern,  ///< text, read by the subject
  any,      ///< read by the subject (`like`, `same_as`)
};

/// One line of the table of predicates.
struct PredicateInfo {
  std::string_view name;
  std::string_view summary;
  Shape shape = Shape::one;
  std::string_view words;  ///< "at most": how a message says it
};

/// All predicates, sorted by name.
std::span<const PredicateInfo> predicate_table();
const PredicateInfo* find_predicate(std::string_view name);

/// A predicate with its limits, as an expectation states it.
struct Predicate {
  const PredicateInfo* info = nullptr;
  std::vector<Limit> limits;  ///< empty for Shape::any
  yaml::Node node;            ///< the value

  static Result<Predicate> parse(const PredicateInfo& info, const yaml::Node& node);

  std::string_view name() const { return info->name; }
  /// "at most 5 %", "between 18 and 110", "one of 'a', 'b'".
  std::string words() const;
  Json json() const;

  /// Does a number satisfy a predicate whose limits are all numbers or shares (equals … between, in, not_in)? NaN satisfies none.
  bool accepts(double value) const;
  /// The same for text limits: bytewise order.
  bool accepts(std::string_view value) const;
  bool has_only(Limit::Kind kind) const;
  bool has_only_numbers() const;  ///< numbers or shares
};

}  // namespace cupel::suite
