#include "drift/units.h"

#include <string>
#include <unordered_map>

#include "table/table.h"

namespace cupel::drift {
namespace {

using Numbers = std::unordered_map<std::string, std::int32_t>;

/// Numbers the units of one side from `next` on.
Numbers number_units(const table::Column& column, std::int32_t& next, std::vector<std::int32_t>& unit_of_row) {
  Numbers numbers;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (column.is_null(row)) {
      unit_of_row.push_back(next++);
      continue;
    }
    const auto [entry, fresh] = numbers.try_emplace(table::value_text(column, row), next);
    if (fresh) ++next;
    unit_of_row.push_back(entry->second);
  }
  return numbers;
}

}  // namespace

Units rows_as_units(std::int64_t num_reference_rows, std::int64_t num_current_rows) {
  Units units;
  units.num_reference_rows = units.num_reference_units = num_reference_rows;
  units.num_rows = units.num_units = num_reference_rows + num_current_rows;
  return units;
}

Units units_of(const table::Column& reference, const table::Column& current) {
  Units units = rows_as_units(reference.num_rows, current.num_rows);
  std::int32_t next = 0;
  units.unit_of_row.reserve(static_cast<std::size_t>(units.num_rows));
  const Numbers of_reference = number_units(reference, next, units.unit_of_row);
  units.num_reference_units = next;
  const Numbers of_current = number_units(current, next, units.unit_of_row);
  units.num_units = next;
  for (const auto& [value, number] : of_current) units.on_both_sides += of_reference.contains(value) ? 1 : 0;
  return units;
}

}  // namespace cupel::drift
