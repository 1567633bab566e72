#include "states/scalar.h"

#include "base/text.h"
#include "table/exact_order.h"
#include "table/timestamp.h"

namespace cupel::states {

using table::compare_exactly;
using table::Type;

Scalar Scalar::of(const table::Column& column, std::int64_t row) {
  Scalar value;
  value.type = column.type;
  switch (column.type) {
    case Type::boolean:
      value.integer = column.booleans()[row];
      value.number = static_cast<double>(value.integer);
      break;
    case Type::integer:
      value.integer = column.integers()[row];
      value.number = static_cast<double>(value.integer);
      break;
    case Type::number: value.number = column.numbers()[row]; break;
    case Type::timestamp: value.integer = column.integers()[row]; break;
    case Type::text: value.text = column.text(row); break;
  }
  return value;
}

std::string Scalar::value_text() const {
  switch (type) {
    case Type::boolean: return integer != 0 ? "true" : "false";
    case Type::integer: return fmt::format("{}", integer);
    case Type::number: return exact_text(number);
    case Type::timestamp: return table::timestamp_text(integer);
    case Type::text: return text;
  }
  return {};
}

std::partial_ordering Scalar::compare(const Scalar& other) const {
  if (type == Type::text || other.type == Type::text || type == Type::timestamp || other.type == Type::timestamp) {
    if (type != other.type) return std::partial_ordering::unordered;
    if (type == Type::text) return text.compare(other.text) <=> 0;
    return integer <=> other.integer;
  }
  if (type == Type::number) {
    if (other.type == Type::number) return number <=> other.number;
    return 0 <=> compare_exactly(other.integer, number);
  }
  if (other.type == Type::number) return compare_exactly(integer, other.number);
  return integer <=> other.integer;
}

void Scalar::write(ByteWriter& out) const {
  out.whole(static_cast<std::uint64_t>(type));
  switch (type) {
    case Type::number: out.number(number); break;
    case Type::text: out.text(text); break;
    default: out.whole_signed(integer);
  }
}

Scalar Scalar::read(ByteReader& in) {
  Scalar value;
  const std::uint64_t type = in.whole();
  in.expect(type <= static_cast<std::uint64_t>(Type::timestamp));
  if (in.failed()) return value;
  value.type = static_cast<Type>(type);
  switch (value.type) {
    case Type::number: value.number = in.number(); break;
    case Type::text: value.text = in.text(); break;
    default: value.integer = in.whole_signed();
  }
  if (value.type == Type::boolean || value.type == Type::integer) value.number = static_cast<double>(value.integer);
  in.expect(value.type != Type::boolean || value.integer == 0 || value.integer == 1);
  return value;
}

}  // namespace cupel::states
