#pragma once

#include <arrow/type.h>
#include <arrow/util/decimal.h>
#include <arrow/util/float16.h>
#include <parquet/exception.h>
#include <parquet/schema.h>
#include <parquet/types.h>

#include <cstdint>
#include <limits>
#include <string_view>

#include "source/arrow_times_internal.h"

namespace cupel::source {

/// How a stored value becomes ours: `Physical` is Parquet's type, `Value` uint8_t (a boolean), int64_t (an integer or microseconds), double
/// or string_view.

struct KeptBoolean {
  using Physical = parquet::BooleanType;
  using Value = std::uint8_t;
  Value operator()(bool value) const { return value ? 1 : 0; }
};

template <typename PhysicalType, typename Through>
struct KeptInteger {
  using Physical = PhysicalType;
  using Value = std::int64_t;
  Value operator()(typename Physical::c_type value) const { return static_cast<Through>(value); }
};

template <typename PhysicalType, typename Through>
struct KeptNumber {
  using Physical = PhysicalType;
  using Value = double;
  Value operator()(typename Physical::c_type value) const { return static_cast<double>(static_cast<Through>(value)); }
};

struct HalfNumber {
  using Physical = parquet::FLBAType;
  using Value = double;
  Value operator()(const parquet::FixedLenByteArray& value) const { return arrow::util::Float16::FromLittleEndian(value.ptr).ToDouble(); }
};

template <typename PhysicalType>
struct WholeDecimal {
  using Physical = PhysicalType;
  using Value = double;
  std::int32_t scale;
  Value operator()(typename Physical::c_type value) const { return arrow::Decimal128(value).ToDouble(scale); }
};

/// Big-endian two's complement of any length.
template <typename PhysicalType>
struct LongDecimal {
  using Physical = PhysicalType;
  using Value = double;
  std::int32_t scale;
  std::int32_t length;  ///< of a value of fixed length
  Value operator()(const typename Physical::c_type& value) const {
    std::int32_t size = length;
    if constexpr (std::is_same_v<Physical, parquet::ByteArrayType>) size = static_cast<std::int32_t>(value.len);
    const auto number = arrow::Decimal256::FromBigEndian(value.ptr, size);
    if (!number.ok()) throw parquet::ParquetException("a decimal number has ", size, " bytes");
    return number->ToDouble(scale);
  }
};

template <typename PhysicalType>
struct Days {
  using Physical = PhysicalType;
  using Value = std::int64_t;
  Value operator()(typename Physical::c_type value) const { return days_to_micros(value); }
};

struct Instant {
  using Physical = parquet::Int64Type;
  using Value = std::int64_t;
  arrow::TimeUnit::type unit;
  Value operator()(std::int64_t value) const { return to_micros(value, unit); }
};

/// Nanoseconds of the day and Julian day.
struct OldInstant {
  using Physical = parquet::Int96Type;
  using Value = std::int64_t;
  Value operator()(const parquet::Int96& value) const {
    constexpr std::int64_t k_julian_day_of_1970 = 2'440'588;
    const std::uint64_t nanos = value.value[0] | (std::uint64_t{value.value[1]} << 32);
    return add_clamped(days_to_micros(std::int64_t{value.value[2]} - k_julian_day_of_1970), static_cast<std::int64_t>(nanos / 1'000));
  }
};

struct KeptText {
  using Physical = parquet::ByteArrayType;
  using Value = std::string_view;
  Value operator()(const parquet::ByteArray& value) const { return {reinterpret_cast<const char*>(value.ptr), value.len}; }
};

/// Calls `use` with the conversion for a column; throws for a pair of types that Parquet does not know.
template <typename Use>
auto with_conversion(const parquet::ColumnDescriptor& column, const arrow::DataType& type, bool integers_as_numbers, Use use) {
  using parquet::Int32Type;
  using parquet::Int64Type;
  const parquet::Type::type physical = column.physical_type();
  const auto integer = [&]<typename Narrow>(Narrow) {
    if (physical == parquet::Type::INT32) {
      return integers_as_numbers ? use(KeptNumber<Int32Type, Narrow>{}) : use(KeptInteger<Int32Type, Narrow>{});
    }
    if (physical != parquet::Type::INT64) throw parquet::ParquetException("integers are stored as ", parquet::TypeToString(physical));
    return integers_as_numbers ? use(KeptNumber<Int64Type, std::int64_t>{}) : use(KeptInteger<Int64Type, std::int64_t>{});
  };
  switch (type.id()) {
    case arrow::Type::BOOL:
      if (physical == parquet::Type::BOOLEAN) return use(KeptBoolean{});
      break;
    case arrow::Type::UINT32: return integer(std::uint32_t{});
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
    case arrow::Type::UINT8:
    case arrow::Type::UINT16: return integer(std::int32_t{});
    case arrow::Type::UINT64:
      if (physical == parquet::Type::INT64) return use(KeptNumber<Int64Type, std::uint64_t>{});
      break;
    case arrow::Type::FLOAT:
      if (physical == parquet::Type::FLOAT) return use(KeptNumber<parquet::FloatType, float>{});
      break;
    case arrow::Type::DOUBLE:
      if (physical == parquet::Type::DOUBLE) return use(KeptNumber<parquet::DoubleType, double>{});
      break;
    case arrow::Type::HALF_FLOAT:
      if (physical == parquet::Type::FIXED_LEN_BYTE_ARRAY && column.type_length() == 2) return use(HalfNumber{});
      break;
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256: {
      const std::int32_t scale = dynamic_cast<const arrow::DecimalType&>(type).scale();
      if (physical == parquet::Type::INT32) return use(WholeDecimal<Int32Type>{scale});
      if (physical == parquet::Type::INT64) return use(WholeDecimal<Int64Type>{scale});
      if (physical == parquet::Type::BYTE_ARRAY) return use(LongDecimal<parquet::ByteArrayType>{scale, 0});
      if (physical == parquet::Type::FIXED_LEN_BYTE_ARRAY) return use(LongDecimal<parquet::FLBAType>{scale, column.type_length()});
      break;
    }
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
      if (physical == parquet::Type::INT32) return use(Days<Int32Type>{});
      if (physical == parquet::Type::INT64) return use(Instant{arrow::TimeUnit::MILLI});
      break;
    case arrow::Type::TIMESTAMP:
      if (physical == parquet::Type::INT64) return use(Instant{dynamic_cast<const arrow::TimestampType&>(type).unit()});
      if (physical == parquet::Type::INT96) return use(OldInstant{});
      break;
    case arrow::Type::NA:
      if (physical == parquet::Type::INT32) return use(KeptInteger<Int32Type, std::int32_t>{});
      if (physical == parquet::Type::BYTE_ARRAY) return use(KeptText{});
      break;
    default:
      if (physical == parquet::Type::BYTE_ARRAY) return use(KeptText{});
  }
  throw parquet::ParquetException(type.ToString(), " is stored as ", parquet::TypeToString(physical));
}

}  // namespace cupel::source
