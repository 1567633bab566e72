#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/table.h"

namespace cupel::table {

/// Positions of the rows where the expression is true (`place` stands in front of errors).
Result<std::vector<std::int64_t>> rows_where(const Table& table, std::string_view expression, std::string_view place);

}  // namespace cupel::table
