#include "base/invariant.h"
#include "table/table.h"

namespace cupel::table {

void ColumnBuilder::push_validity(bool present) {
  if ((num_rows_ & 7) == 0) validity_.push_back(0);
  if (present) {
    validity_.back() = static_cast<std::uint8_t>(validity_.back() | (1u << (num_rows_ & 7)));
  } else {
    ++num_nulls_;
  }
  ++num_rows_;
}

void ColumnBuilder::append_null() {
  switch (type_) {
    case Type::boolean: booleans_.push_back(0); break;
    case Type::integer:
    case Type::timestamp: integers_.push_back(0); break;
    case Type::number: numbers_.push_back(0); break;
    case Type::text: offsets_.push_back(offsets_.back()); break;
  }
  push_validity(false);
}

void ColumnBuilder::append(std::int64_t value) {
  if (type_ == Type::boolean) {
    booleans_.push_back(value != 0 ? 1 : 0);
  } else {
    CHECK(type_ == Type::integer || type_ == Type::timestamp, "an integer for a column of type {}", type_name(type_));
    integers_.push_back(value);
  }
  push_validity(true);
}

void ColumnBuilder::append(double value) {
  CHECK(type_ == Type::number, "a number for a column of type {}", type_name(type_));
  numbers_.push_back(value);
  push_validity(true);
}

void ColumnBuilder::append(std::string_view value) {
  CHECK(type_ == Type::text, "text for a column of type {}", type_name(type_));
  CHECK(has_room(value.size()), "a column of text in memory holds at most 2 GiB");
  bytes_.append(value);
  offsets_.push_back(static_cast<std::int32_t>(bytes_.size()));
  push_validity(true);
}

void ColumnBuilder::append_from(const Column& column, std::int64_t row) {
  CHECK(column.type == type_, "{} against {}", type_name(column.type), type_name(type_));
  if (column.is_null(row)) return append_null();
  switch (type_) {
    case Type::boolean: return append(static_cast<std::int64_t>(column.booleans()[row]));
    case Type::integer:
    case Type::timestamp: return append(column.integers()[row]);
    case Type::number: return append(column.numbers()[row]);
    case Type::text: return append(column.text(row));
  }
}

void ColumnBuilder::set_type(Type type) {
  CHECK(num_nulls_ == num_rows_, "{} of {} rows have values of type {}", num_rows_ - num_nulls_, num_rows_, type_name(type_));
  const auto rows = static_cast<std::size_t>(num_rows_);
  type_ = type;
  booleans_.assign(type == Type::boolean ? rows : 0, 0);
  integers_.assign(type == Type::integer || type == Type::timestamp ? rows : 0, 0);
  numbers_.assign(type == Type::number ? rows : 0, 0);
  offsets_.assign(type == Type::text ? rows + 1 : 1, 0);
}

Column ColumnBuilder::view() const {
  Column column;
  column.type = type_;
  column.num_rows = num_rows_;
  if (num_nulls_ > 0) column.validity = validity_.data();
  switch (type_) {
    case Type::boolean: column.values = booleans_.data(); break;
    case Type::integer:
    case Type::timestamp: column.values = integers_.data(); break;
    case Type::number: column.values = numbers_.data(); break;
    case Type::text:
      column.offsets = offsets_.data();
      column.bytes = bytes_.data();
      break;
  }
  return column;
}

}  // namespace cupel::table
