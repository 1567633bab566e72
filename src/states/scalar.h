#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "states/byte_form.h"
#include "table/column.h"

namespace cupel::states {

/// One present value taken out of a column.
struct Scalar {
  table::Type type = table::Type::text;
  std::int64_t integer = 0;  ///< of boolean, integer, timestamp (microseconds)
  double number = 0;         ///< of number; of boolean and integer the nearest double
  std::string text{};        ///< of text

  static Scalar of(const table::Column& column, std::int64_t row);
  /// As table::value_text renders it.
  std::string value_text() const;
  /// Numbers of any type exactly by value, timestamps by time, text bytewise. Unordered: NaN, or types that cannot be compared.
  std::partial_ordering compare(const Scalar& other) const;

  void write(ByteWriter& out) const;
  static Scalar read(ByteReader& in);
};

}  // namespace cupel::states
