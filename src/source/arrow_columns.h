#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/column.h"
#include "table/table.h"

namespace arrow {
class Array;
class DataType;
}  // namespace arrow

namespace cupel::source {

/// The type that columns of an Arrow type have here: integers of any width but unsigned 64 bits are integers; floats, decimals and unsigned
/// 64 bits are numbers; dates and timestamps are timestamps in microseconds (finer ones are cut downwards); strings, binary strings that
/// hold UTF-8, dictionaries of them and columns of nulls are text. Nothing: lists, structs, times of day, durations, …
std::optional<table::Type> type_of_arrow(const arrow::DataType& type);

/// A batch's Arrow array as a column: a view where the layout is the same, else converted into reused buffers.
class ArrowColumn {
 public:
  /// `wanted` is the type of the column by type_of_arrow, or number for integers, or text for any. Errors: text that is not UTF-8.
  /// The view is valid until the next call and while the array lives.
  Result<table::Column> view(const std::shared_ptr<arrow::Array>& array, table::Type wanted);

 private:
  Result<table::Column> native(const arrow::Array& array);
  Result<table::Column> text(const arrow::Array& array);
  Result<table::Column> dictionary(const arrow::Array& array);
  template <typename ArrowArray, typename Value, typename Convert>
  const void* convert(const arrow::Array& array, std::vector<Value>& out, Convert value_of);

  std::shared_ptr<arrow::Array> kept_;
  std::vector<std::uint8_t> booleans_;
  std::vector<std::int64_t> integers_;
  std::vector<double> numbers_;
  std::vector<std::int32_t> offsets_;
  std::vector<std::int32_t> codes_;
  std::string bytes_;
  table::Column dictionary_;
  std::optional<table::ColumnBuilder> as_text_;
};

}  // namespace cupel::source
