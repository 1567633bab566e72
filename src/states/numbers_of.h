#pragma once

#include <cmath>
#include <cstdint>

#include "states/kept_rows.h"

namespace cupel::states {

/// What a column of any type holds besides the numbers that were taken.
struct Passed {
  std::int64_t nulls = 0;
  std::int64_t nans = 0;  ///< NaN, and every value of a column of text
};

/// Calls `take(double)` for every kept, present value of a numeric column that is not NaN, in row order; -0 is given as 0, integers
/// beyond 2^53 are rounded.
template <typename Take>
Passed for_each_number(const table::Column& column, std::int64_t num_rows, Selection rows, Take&& take) {
  Passed passed;
  const auto null = [&](std::int64_t) { ++passed.nulls; };
  switch (column.type) {
    case table::Type::number: {
      const double* numbers = column.numbers();
      const auto present = [&](std::int64_t row) {
        if (std::isnan(numbers[row])) {
          ++passed.nans;
        } else {
          take(numbers[row] + 0.0);
        }
      };
      for_each_kept(column, num_rows, rows, present, null);
      break;
    }
    case table::Type::boolean: {
      const std::uint8_t* booleans = column.booleans();
      for_each_kept(
          column, num_rows, rows, [&](std::int64_t row) { take(booleans[row] != 0 ? 1.0 : 0.0); }, null);
      break;
    }
    case table::Type::integer:
    case table::Type::timestamp: {
      const std::int64_t* integers = column.integers();
      for_each_kept(
          column, num_rows, rows, [&](std::int64_t row) { take(static_cast<double>(integers[row])); }, null);
      break;
    }
    case table::Type::text:
      for_each_kept(
          column, num_rows, rows, [&](std::int64_t) { ++passed.nans; }, null);
  }
  return passed;
}

}  // namespace cupel::states
