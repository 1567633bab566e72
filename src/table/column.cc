#include "table/column.h"

namespace cupel::table {

std::string_view type_name(Type type) {
  switch (type) {
    case Type::boolean: return "boolean";
    case Type::integer: return "integer";
    case Type::number: return "number";
    case Type::text: return "text";
    case Type::timestamp: return "timestamp";
  }
  return "unknown";
}

Column slice(const Column& column, std::int64_t from, std::int64_t count) {
  Column part = column;
  part.num_rows = count;
  part.validity_offset += from;
  switch (column.type) {
    case Type::boolean: part.values = column.booleans() + from; break;
    case Type::number: part.values = column.numbers() + from; break;
    case Type::integer:
    case Type::timestamp: part.values = column.integers() + from; break;
    case Type::text:
      if (column.codes != nullptr) part.codes = column.codes + from;
      if (column.offsets != nullptr) part.offsets = column.offsets + from;
      break;
  }
  return part;
}

}  // namespace cupel::table
