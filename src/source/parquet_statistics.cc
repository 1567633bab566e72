#include "source/parquet_statistics.h"

#include <parquet/statistics.h>

#include <cmath>
#include <type_traits>

#include "source/arrow_columns.h"
#include "source/parquet_conversions_internal.h"

namespace cupel::source {
namespace {

// Types whose order in the statistics is that of the values that they become.
bool is_ordered_alike(const arrow::DataType& type, parquet::Type::type physical) {
  switch (type.id()) {
    case arrow::Type::BOOL:
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
    case arrow::Type::UINT8:
    case arrow::Type::UINT16:
    case arrow::Type::UINT32:
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::DATE32: return true;
    case arrow::Type::TIMESTAMP: return physical == parquet::Type::INT64;
    default: return false;
  }
}

// Least and most as the reader would deliver them; a null pointer where they are no range.
template <typename Conversion>
std::shared_ptr<const table::ColumnBuilder> range_of(const parquet::Statistics& statistics, table::Type wanted, const Conversion& conversion) {
  using Value = typename Conversion::Value;
  const auto* typed = dynamic_cast<const parquet::TypedStatistics<typename Conversion::Physical>*>(&statistics);
  if (typed == nullptr) return nullptr;
  const Value least = conversion(typed->min());
  const Value most = conversion(typed->max());
  if (!(least <= most)) return nullptr;  // also NaN
  auto range = std::make_shared<table::ColumnBuilder>(wanted);
  for (const Value& end : {least, most}) {
    if constexpr (std::is_same_v<Value, std::uint8_t>) {
      range->append(std::int64_t{end});
    } else {
      range->append(end);
    }
  }
  return range;
}

}  // namespace

table::ColumnBounds bounds_of_chunk(const parquet::RowGroupMetaData& group, int leaf, const arrow::DataType& type, table::Type wanted) {
  table::ColumnBounds bounds;
  try {
    const parquet::ColumnDescriptor& column = *group.schema()->Column(leaf);
    if (column.max_repetition_level() != 0 || column.max_definition_level() > 1) return bounds;
    const std::shared_ptr<parquet::Statistics> statistics = group.ColumnChunk(leaf)->statistics();
    if (statistics == nullptr) return bounds;
    if (statistics->HasNullCount() && statistics->null_count() >= 0 && statistics->null_count() <= group.num_rows()) {
      bounds.may_be_null = statistics->null_count() > 0;
      bounds.may_have_value = statistics->null_count() < group.num_rows();
    }
    if (type_of_arrow(type) != wanted || !is_ordered_alike(type, column.physical_type())) return bounds;
    if (!statistics->HasMinMax() || !statistics->is_min_value_exact().value_or(true) || !statistics->is_max_value_exact().value_or(true)) return bounds;
    with_conversion(column, type, false, [&](const auto& conversion) { bounds.range = range_of(*statistics, wanted, conversion); });
    // A count of nulls that the range contradicts is not believed.
    if (bounds.range != nullptr) bounds.may_have_value = true;
  } catch (const parquet::ParquetException&) {  // damaged: whoever reads the rows will say so
    return {};
  }
  return bounds;
}

}  // namespace cupel::source
