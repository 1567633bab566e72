#pragma once

#include <cstdint>
#include <span>

#include "table/batch.h"
#include "table/expression_internal.h"

namespace cupel::fuzz {

/// Truth (Expression::k_false …) of a parsed condition for one row, written from the manual of table/expression.h: one value at a time, no
/// vectors, no kernels. What a function of Unicode, RE2 or the calendar yields is asked of Cupel, for that one row.
/// `columns` are those that the expression names, in its order.
std::uint8_t truth_of_row(const table::Expression::Node& root, std::span<const table::Column> columns, std::int64_t row);

}  // namespace cupel::fuzz
