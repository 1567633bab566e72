#include "model/column_tensor.h"

#include <cmath>
#include <limits>

#include "base/text.h"
#include "table/table.h"

namespace cupel::model {

Result<void> check_column(const Port& port, const table::Field& field, const table::Column& column) {
  if (port.element == Element::text || table::is_numeric(column.type)) return {};
  std::int64_t row = 0;
  while (row < column.num_rows && column.is_null(row)) ++row;
  if (row == column.num_rows) return {};
  if (field.first_text) {
    return fail("column '{}' holds the text '{}' (row {}), the model takes {}s there", field.name, shorten(field.first_text->value, 60),
                field.first_text->row, element_name(port.element));
  }
  return fail("column '{}' is of type {} ('{}' in row {}), the model takes {}s there", field.name, table::type_name(column.type),
              shorten(table::value_text(column, row), 60), row, element_name(port.element));
}

double float_number(const table::Column& column, std::int64_t row) { return static_cast<double>(static_cast<float>(column.as_number(row))); }

Result<void> ColumnTensor::fill(const Port& port, const table::Column& column, std::int64_t begin, std::int64_t end) {
  shape_ = {end - begin};
  if (port.shape.size() == 2) shape_.push_back(1);
  const auto rows = static_cast<std::size_t>(end - begin);
  texts_.clear();
  rendered_.clear();
  numbers_.clear();
  integers_.clear();
  switch (port.element) {
    case Element::text:
      texts_.reserve(rows);
      for (std::int64_t row = begin; row < end; ++row) {
        if (column.is_null(row)) texts_.emplace_back();
        else if (column.type == table::Type::text) texts_.push_back(column.text(row));
        else texts_.push_back(rendered_.emplace_back(table::value_text(column, row)));
      }
      return {};
    case Element::number:
      numbers_.reserve(rows);
      for (std::int64_t row = begin; row < end; ++row) {
        numbers_.push_back(column.is_null(row) ? std::numeric_limits<double>::quiet_NaN() : column.as_number(row));
      }
      return {};
    case Element::integer: break;
  }
  integers_.reserve(rows);
  for (std::int64_t row = begin; row < end; ++row) {
    if (column.is_null(row)) return fail("column '{}' is null in row {}, the model takes a whole number there", port.name, row);
    const double number = column.as_number(row);
    if (column.type == table::Type::number && (number != std::floor(number) || std::abs(number) > 9e15)) {
      return fail("column '{}' is {} in row {}, the model takes a whole number there", port.name, number_text(number), row);
    }
    integers_.push_back(column.type == table::Type::integer ? column.integers()[row] : static_cast<std::int64_t>(number));
  }
  return {};
}

}  // namespace cupel::model
