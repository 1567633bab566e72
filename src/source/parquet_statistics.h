#pragma once

#include <arrow/type.h>
#include <parquet/metadata.h>

#include "table/column_bounds.h"

namespace cupel::source {

/// What the statistics of one flat column of a row group say about it, as `wanted`. The range is only taken from booleans, integers, floats
/// (whose NaN the statistics leave out), dates, 64-bit timestamps and strings (bytewise), and only where `wanted` is the type that they have
/// anyhow; not where the file lacks it, says that it was cut, or contradicts itself. Never throws.
table::ColumnBounds bounds_of_chunk(const parquet::RowGroupMetaData& group, int leaf, const arrow::DataType& type, table::Type wanted);

}  // namespace cupel::source
