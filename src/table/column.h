#pragma once

#include <cstdint>
#include <string_view>

namespace cupel::table {

/// The types that a column can have once it is read.
enum class Type {
  boolean,    ///< one byte a row, 0 or 1
  integer,    ///< int64
  number,     ///< double; NaN is a value, not a null
  text,       ///< UTF-8
  timestamp,  ///< int64, microseconds since 1970-01-01T00:00:00Z; dates are midnight UTC
};
std::string_view type_name(Type type);

constexpr bool is_numeric(Type type) { return type == Type::integer || type == Type::number || type == Type::boolean; }

/// A view of one column of a batch, in Arrow's memory layout: nothing is owned, everything stays valid while the batch does.
/// Text is either plain (offsets, bytes) or dictionary-encoded (codes into `dictionary`, whose entries are plain text, none of them null).
struct Column {
  Type type = Type::text;
  std::int64_t num_rows = 0;
  const std::uint8_t* validity = nullptr;  ///< bit i + validity_offset set: row i is present; null pointer: all are
  std::int64_t validity_offset = 0;
  const void* values = nullptr;           ///< uint8_t, int64_t, double or int64_t by type; unused for text
  const std::int32_t* offsets = nullptr;  ///< plain text: num_rows + 1 offsets into bytes
  const char* bytes = nullptr;
  const std::int32_t* codes = nullptr;  ///< dictionary text: one code a row (any value where null)
  const Column* dictionary = nullptr;
  /// Not 0: columns with this number share a dictionary that only grows, so what was found out about an entry holds for later batches, too.
  /// One thread at a time sees such columns.
  std::uint64_t dictionary_id = 0;

  bool is_null(std::int64_t row) const {
    const std::int64_t bit = row + validity_offset;
    return validity != nullptr && ((validity[bit >> 3] >> (bit & 7)) & 1) == 0;
  }
  const std::uint8_t* booleans() const { return static_cast<const std::uint8_t*>(values); }
  const std::int64_t* integers() const { return static_cast<const std::int64_t*>(values); }  // also timestamps
  const double* numbers() const { return static_cast<const double*>(values); }
  /// Value of a present row of any type but text, as a double (integers beyond 2^53 are rounded).
  double as_number(std::int64_t row) const {
    switch (type) {
      case Type::number: return numbers()[row];
      case Type::boolean: return booleans()[row];
      default: return static_cast<double>(integers()[row]);
    }
  }
  /// Text of a present row of type text.
  std::string_view text(std::int64_t row) const {
    if (codes != nullptr) return dictionary->text(codes[row]);
    return {bytes + offsets[row], static_cast<std::size_t>(offsets[row + 1] - offsets[row])};
  }
};

/// The rows [from, from + count) of a column, as a view of the same memory.
Column slice(const Column& column, std::int64_t from, std::int64_t count);

}  // namespace cupel::table
