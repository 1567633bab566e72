#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "table/batch.h"
#include "table/table.h"

namespace cupel::table {

/// Cuts rows that come one after another, as from a database, into the chunks and batches of a scan: a chunk has `chunk_bytes / 64` rows
/// (at least one) whatever the columns, as those of a Table. One thread; memory is that of one batch.
class RowChunks {
 public:
  /// `fields` are those of the requests, each once, in the order in which rows give their values; `types` are theirs.
  RowChunks(ChunkVisitor& visitor, const ScanOptions& options, std::span<const ColumnRequest> requests, std::vector<int> fields,
            const std::vector<Type>& types);
  /// The values of the row at hand: append one to each column, then call end_row.
  ColumnBuilder& column(std::size_t i) { return columns_[i]; }
  void end_row();
  /// Shows what is left; answers with the number of rows.
  std::int64_t finish();

  /// The fields of requests, each once, in order of appearance.
  static std::vector<int> fields_of(std::span<const ColumnRequest> requests);

 private:
  void end_batch();
  void end_chunk();

  ChunkVisitor& visitor_;
  std::int64_t chunk_rows_;
  std::int64_t batch_rows_;
  std::span<const ColumnRequest> requests_;
  std::vector<int> fields_;
  std::vector<ColumnBuilder> columns_;
  std::vector<Type> types_;
  std::unique_ptr<ChunkVisitor::Chunk> chunk_;
  std::int64_t num_in_batch_ = 0;
  std::int64_t num_in_chunk_ = 0;  // before the batch
  std::int64_t num_rows_ = 0;      // before the chunk
};

}  // namespace cupel::table
