#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/batch.h"

namespace cupel::fuzz {

/// A value with its type, exactly: `i7`, `n<16 hexadecimal digits of the double>`, `b1`, `u<microseconds>`, `tany text`, `-` for null.
std::string cell(const table::Column& column, std::int64_t row);
std::string number_cell(double value);

/// All rows of a scan as cells, row by row. CHECKs that batches follow each other and that chunks count their rows rightly.
class CellGather : public table::ChunkVisitor {
 public:
  std::unique_ptr<Chunk> make_chunk(std::int64_t) override;
  void merge(std::unique_ptr<Chunk> chunk, std::int64_t num_rows) override;
  void restart() override { rows.clear(); }

  std::vector<std::vector<std::string>> rows;
};

/// What a scan of all columns gave.
struct Scanned {
  std::vector<std::vector<std::string>> rows;
  std::string error;  ///< empty: none
  std::vector<table::Type> types;
  bool operator==(const Scanned&) const = default;
};
Scanned scan_all(table::BatchSource& source, table::ColumnRequest::As as, const table::ScanOptions& options);

}  // namespace cupel::fuzz
