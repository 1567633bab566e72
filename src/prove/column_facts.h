#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "table/table.h"

namespace cupel::prove {

/// What a fault has to know of a column of the baseline: which faults make sense for it, and how large a standard deviation is.
struct ColumnFacts {
  std::string name;
  table::Type type = table::Type::text;
  std::int64_t rows = 0;
  std::int64_t nulls = 0;
  std::int64_t distinct = 0;  ///< of the present values

  bool is_number = false;    ///< integer or number
  bool is_whole = false;     ///< a column of numbers without a fraction
  bool is_time = false;      ///< timestamps, or text in which every present value is an ISO 8601 date or instant
  bool is_category = false;  ///< few values that come back: boolean; text of at most 1,000 values; integers of at most 50; each on average 20 rows (4, up to 20 values)
  bool is_key = false;       ///< every row has a value of its own; not for fractions
  bool has_letters = false;  ///< text with at least one letter that has a case
  bool has_non_ascii = false;

  /// Of a category: values by falling frequency, ties in order of the value.
  std::vector<std::string> categories{};
  /// Of the finite values of numbers, else 0. `stddev` divides by n - 1.
  double mean = 0;
  double stddev = 0;
  /// Quantiles 0, 0.01 … 1 of the finite values (type 7); empty without values.
  std::vector<double> quantiles{};
  double quantile(int percent) const { return quantiles.empty() ? 0 : quantiles.at(static_cast<std::size_t>(percent)); }

  std::int64_t present() const { return rows - nulls; }
  bool is_constant() const { return distinct <= 1; }
};

/// A relation between two columns that holds in every row of the baseline where both are present.
struct Relation {
  enum class Kind {
    ordered,     ///< left <= right, both numbers or both times, and their ranges overlap
    determined,  ///< each value of `left` (a category) goes with one value of `right` (a category of fewer values)
  };
  Kind kind = Kind::ordered;
  int left = 0;
  int right = 0;
  bool operator==(const Relation&) const = default;
};

struct BaselineFacts {
  std::int64_t rows = 0;
  std::vector<ColumnFacts> columns;  ///< in the order of the schema
  std::vector<Relation> relations;   ///< at most one of a kind for each right-hand column: the first
};

/// One pass over each column, and one over each pair that might be related.
BaselineFacts baseline_facts(const table::Table& baseline);

/// The instant of a row of a column that is_time: of a timestamp, or of text that reads as one; the row must be present. Nothing for text
/// that does not read as one.
std::optional<std::int64_t> instant_of(const table::Column& column, std::int64_t row);

}  // namespace cupel::prove
