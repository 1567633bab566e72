#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/column.h"

namespace arrow {
class DataType;
}
namespace parquet {
class ColumnDescriptor;
class PageReader;
}  // namespace parquet

namespace cupel::source {

/// The text of a dictionary page, checked once: its rows are the entries.
struct TextDictionary {
  std::string bytes;
  std::vector<std::int32_t> offsets{0};
  table::Column view;
};

/// The values of one column in one batch of rows, owned and reused.
struct ParquetBuffers {
  table::Column view;
  std::vector<std::uint8_t> validity;
  std::unique_ptr<unsigned char[]> values;  ///< uint8_t, int64_t or double a row, or int32_t codes; not cleared
  std::size_t values_bytes = 0;
  std::string bytes;  ///< of plain text
  std::vector<std::int32_t> offsets;
  std::shared_ptr<const TextDictionary> dictionary;
};

/// Reads one column of one row group, batch after batch.
class ParquetValues {
 public:
  virtual ~ParquetValues() = default;

  /// `type` is the column's Arrow type, for which type_of_arrow knows a type; `wanted` is that type, or number for integers, or text for
  /// any. Text is delivered as codes into its dictionary where the pages of the batch have one, else plain; so are other values that are
  /// wanted as text. Throws parquet::ParquetException for what is damaged or not supported.
  static std::unique_ptr<ParquetValues> make(const parquet::ColumnDescriptor* column, const arrow::DataType& type, table::Type wanted,
                                             std::unique_ptr<parquet::PageReader> pages);

  /// The next `num_rows` rows, which must be there, as a view of the buffers. Errors: text that is not UTF-8 or is too long.
  virtual Result<void> read(std::int64_t num_rows, ParquetBuffers& out) = 0;
};

}  // namespace cupel::source
