#include "source/arrow_columns.h"

#include <arrow/array.h>
#include <arrow/type.h>
#include <arrow/util/decimal.h>
#include <arrow/util/float16.h>

#include "base/invariant.h"
#include "base/text.h"
#include "source/arrow_times_internal.h"

namespace cupel::source {

using table::Column;
using table::Type;

namespace {

bool is_text(arrow::Type::type id) {
  switch (id) {
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW: return true;
    default: return false;
  }
}

Column empty_view(const arrow::Array& array, Type type) {
  Column column;
  column.type = type;
  column.num_rows = array.length();
  if (array.null_count() > 0) {
    column.validity = array.null_bitmap_data();
    column.validity_offset = array.offset();
  }
  return column;
}

}  // namespace

std::optional<Type> type_of_arrow(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::BOOL: return Type::boolean;
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
    case arrow::Type::UINT8:
    case arrow::Type::UINT16:
    case arrow::Type::UINT32: return Type::integer;
    case arrow::Type::UINT64:
    case arrow::Type::HALF_FLOAT:
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256: return Type::number;
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
    case arrow::Type::TIMESTAMP: return Type::timestamp;
    case arrow::Type::NA: return Type::text;
    case arrow::Type::DICTIONARY:
      if (is_text(dynamic_cast<const arrow::DictionaryType&>(type).value_type()->id())) return Type::text;
      return std::nullopt;
    default: return is_text(type.id()) ? std::optional(Type::text) : std::nullopt;
  }
}

template <typename ArrowArray, typename Value, typename Convert>
const void* ArrowColumn::convert(const arrow::Array& array, std::vector<Value>& out, Convert value_of) {
  const auto& values = dynamic_cast<const ArrowArray&>(array);
  out.resize(static_cast<std::size_t>(array.length()));
  for (std::int64_t row = 0; row < array.length(); ++row) {
    out[static_cast<std::size_t>(row)] = array.IsNull(row) ? Value{} : value_of(values, row);
  }
  return out.data();
}

Result<Column> ArrowColumn::native(const arrow::Array& array) {
  const std::optional<Type> type = type_of_arrow(*array.type());
  CHECK(type.has_value(), "{}", array.type()->ToString());
  const auto value = [](const auto& values, std::int64_t row) { return values.Value(row); };
  Column column = empty_view(array, *type);
  switch (array.type_id()) {
    case arrow::Type::INT64: column.values = dynamic_cast<const arrow::Int64Array&>(array).raw_values(); break;
    case arrow::Type::DOUBLE: column.values = dynamic_cast<const arrow::DoubleArray&>(array).raw_values(); break;
    case arrow::Type::BOOL: column.values = convert<arrow::BooleanArray>(array, booleans_, value); break;
    case arrow::Type::INT8: column.values = convert<arrow::Int8Array>(array, integers_, value); break;
    case arrow::Type::INT16: column.values = convert<arrow::Int16Array>(array, integers_, value); break;
    case arrow::Type::INT32: column.values = convert<arrow::Int32Array>(array, integers_, value); break;
    case arrow::Type::UINT8: column.values = convert<arrow::UInt8Array>(array, integers_, value); break;
    case arrow::Type::UINT16: column.values = convert<arrow::UInt16Array>(array, integers_, value); break;
    case arrow::Type::UINT32: column.values = convert<arrow::UInt32Array>(array, integers_, value); break;
    case arrow::Type::UINT64:
      column.values = convert<arrow::UInt64Array>(
          array, numbers_, [](const auto& values, std::int64_t row) { return static_cast<double>(values.Value(row)); });
      break;
    case arrow::Type::FLOAT: column.values = convert<arrow::FloatArray>(array, numbers_, value); break;
    case arrow::Type::HALF_FLOAT:
      column.values = convert<arrow::HalfFloatArray>(array, numbers_, [](const auto& values, std::int64_t row) {
        return arrow::util::Float16::FromBits(values.Value(row)).ToDouble();
      });
      break;
    case arrow::Type::DECIMAL32:
      column.values = convert<arrow::Decimal32Array>(
          array, numbers_, [scale = dynamic_cast<const arrow::DecimalType&>(*array.type()).scale()](const auto& values, std::int64_t row) {
            return arrow::Decimal32(values.GetValue(row)).ToDouble(scale);
          });
      break;
    case arrow::Type::DECIMAL64:
      column.values = convert<arrow::Decimal64Array>(
          array, numbers_, [scale = dynamic_cast<const arrow::DecimalType&>(*array.type()).scale()](const auto& values, std::int64_t row) {
            return arrow::Decimal64(values.GetValue(row)).ToDouble(scale);
          });
      break;
    case arrow::Type::DECIMAL128:
      column.values = convert<arrow::Decimal128Array>(
          array, numbers_, [scale = dynamic_cast<const arrow::DecimalType&>(*array.type()).scale()](const auto& values, std::int64_t row) {
            return arrow::Decimal128(values.GetValue(row)).ToDouble(scale);
          });
      break;
    case arrow::Type::DECIMAL256:
      column.values = convert<arrow::Decimal256Array>(
          array, numbers_, [scale = dynamic_cast<const arrow::DecimalType&>(*array.type()).scale()](const auto& values, std::int64_t row) {
            return arrow::Decimal256(values.GetValue(row)).ToDouble(scale);
          });
      break;
    case arrow::Type::DATE32:
      column.values = convert<arrow::Date32Array>(array, integers_,
                                                  [](const auto& values, std::int64_t row) { return days_to_micros(values.Value(row)); });
      break;
    case arrow::Type::DATE64:
      column.values = convert<arrow::Date64Array>(
          array, integers_, [](const auto& values, std::int64_t row) { return to_micros(values.Value(row), arrow::TimeUnit::MILLI); });
      break;
    case arrow::Type::TIMESTAMP:
      column.values = convert<arrow::TimestampArray>(
          array, integers_, [unit = dynamic_cast<const arrow::TimestampType&>(*array.type()).unit()](const auto& values, std::int64_t row) {
            return to_micros(values.Value(row), unit);
          });
      break;
    case arrow::Type::DICTIONARY: return dictionary(array);
    default: return text(array);
  }
  return column;
}

namespace {

// Copies text of any other layout behind each other; false: more than 32-bit offsets reach.
template <typename ArrowArray>
bool copy_text(const arrow::Array& array, std::string& bytes, std::vector<std::int32_t>& offsets) {
  const auto& values = dynamic_cast<const ArrowArray&>(array);
  bytes.clear();
  offsets.assign(1, 0);
  for (std::int64_t row = 0; row < array.length(); ++row) {
    if (!array.IsNull(row)) bytes += values.GetView(row);
    if (bytes.size() > INT32_MAX) return false;
    offsets.push_back(static_cast<std::int32_t>(bytes.size()));
  }
  return true;
}

}  // namespace

Result<Column> ArrowColumn::text(const arrow::Array& array) {
  Column column = empty_view(array, Type::text);
  bool fits = true;
  switch (array.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY: {
      const auto& values = dynamic_cast<const arrow::BinaryArray&>(array);
      column.offsets = values.raw_value_offsets();
      column.bytes = static_cast<const char*>(static_cast<const void*>(values.raw_data()));
      break;
    }
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY: fits = copy_text<arrow::LargeBinaryArray>(array, bytes_, offsets_); break;
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW: fits = copy_text<arrow::BinaryViewArray>(array, bytes_, offsets_); break;
    default:  // a column of nulls has no bitmap
      CHECK(array.type_id() == arrow::Type::NA, "{}", array.type()->ToString());
      booleans_.assign(static_cast<std::size_t>((array.length() + 7) / 8), 0);
      column.validity = booleans_.data();
      column.validity_offset = 0;
      offsets_.assign(static_cast<std::size_t>(array.length()) + 1, 0);
      bytes_.clear();
  }
  if (!fits) return fail("more than 2 GiB of text in one batch");
  if (column.offsets == nullptr) {
    column.offsets = offsets_.data();
    column.bytes = bytes_.data();
  }
  const std::int32_t first = column.offsets[0];
  const std::int32_t last = column.offsets[array.length()];
  const bool all_utf8 = !first_invalid_utf8({column.bytes + first, static_cast<std::size_t>(last - first)});
  // Together they may be well-formed where a single one is not, so those beyond ASCII are looked at one by one.
  for (std::int64_t row = 0; row < array.length(); ++row) {
    const char* const begin = column.bytes + column.offsets[row];
    const auto size = static_cast<std::size_t>(column.offsets[row + 1] - column.offsets[row]);
    const bool cut =
        size > 0 && ((static_cast<unsigned char>(begin[0]) & 0xC0) == 0x80 || static_cast<unsigned char>(begin[size - 1]) >= 0x80);
    if ((!all_utf8 || cut) && !column.is_null(row) && first_invalid_utf8({begin, size})) return fail("text in row {} is not UTF-8", row);
  }
  return column;
}

Result<Column> ArrowColumn::dictionary(const arrow::Array& array) {
  const auto& encoded = dynamic_cast<const arrow::DictionaryArray&>(array);
  Column column = empty_view(array, Type::text);
  ASSIGN_OR_RETURN(dictionary_, text(*encoded.dictionary()));
  const arrow::Array& indices = *encoded.indices();
  if (indices.type_id() == arrow::Type::INT32) {
    column.codes = dynamic_cast<const arrow::Int32Array&>(indices).raw_values();
  } else {
    codes_.resize(static_cast<std::size_t>(array.length()));
    for (std::int64_t row = 0; row < array.length(); ++row) {
      codes_[static_cast<std::size_t>(row)] = array.IsNull(row) ? 0 : static_cast<std::int32_t>(encoded.GetValueIndex(row));
    }
    column.codes = codes_.data();
  }
  column.dictionary = &dictionary_;
  if (dictionary_.validity != nullptr) {  // entries may be null
    booleans_.assign(static_cast<std::size_t>((array.length() + 7) / 8), 0);
    for (std::int64_t row = 0; row < array.length(); ++row) {
      const bool present = !array.IsNull(row) && !dictionary_.is_null(column.codes[row]);
      booleans_[static_cast<std::size_t>(row >> 3)] |= static_cast<std::uint8_t>((present ? 1U : 0U) << (row & 7));
    }
    column.validity = booleans_.data();
    column.validity_offset = 0;
  }
  return column;
}

Result<Column> ArrowColumn::view(const std::shared_ptr<arrow::Array>& array, Type wanted) {
  kept_ = array;
  ASSIGN_OR_RETURN(Column column, native(*array));
  if (column.type == wanted) return column;
  if (wanted == Type::number && column.type == Type::integer) {
    numbers_.resize(static_cast<std::size_t>(column.num_rows));
    for (std::int64_t row = 0; row < column.num_rows; ++row) {
      numbers_[static_cast<std::size_t>(row)] = static_cast<double>(column.integers()[row]);
    }
    column.type = Type::number;
    column.values = numbers_.data();
    return column;
  }
  CHECK(wanted == Type::text, "{} as {}", table::type_name(column.type), table::type_name(wanted));
  as_text_.emplace(Type::text);
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (column.is_null(row)) {
      as_text_->append_null();
    } else {
      as_text_->append(std::string_view(table::value_text(column, row)));
    }
  }
  return as_text_->view();
}

}  // namespace cupel::source
