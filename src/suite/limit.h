#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/yaml.h"

namespace cupel::suite {

/// One value that a predicate compares with.
struct Limit {
  enum class Kind {
    number,     ///< 18, -0.5
    share,      ///< 5%: `number` is 0.05
    text,       ///< a word or quoted text; dates are text in ISO order
    column,     ///< {column: B}: the value of another column in the same row
    reference,  ///< {reference: mean, within: 5%}: a quantity of the reference data
    tuple,      ///< [FR, EUR]: values of several columns, with the few subjects that take them
    table,      ///< {table: other.csv, sum: B, within: 1%}: a quantity of another table, read by who opens tables
  };
  Kind kind = Kind::number;
  double number = 0;
  std::string text;                      ///< as written; the column's or the quantity's name
  std::optional<double> within_share;    ///< reference: ± this share of the quantity
  std::optional<double> within_number;   ///< reference: ± this much
  std::optional<double> within_stddevs;  ///< reference: ± this many standard deviations of the reference's values (`within: 2 stddev`)
  std::vector<std::string> parts;        ///< of a tuple
  bool is_found = false;                 ///< a number that was found elsewhere, not stated: it need not be whole where counts are compared
  std::string origin{};                  ///< of a number that was found elsewhere: "sum of 'B' in 'other.csv'"
  yaml::Node node;                       ///< where it stands

  static Result<Limit> parse(const yaml::Node& node, std::string_view what);
  /// "5 %", "18", "'Tops'", "column B", "the reference's mean ± 5 %".
  std::string words() const;
  Json json() const;
};

}  // namespace cupel::suite
