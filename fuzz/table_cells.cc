#include "table_cells.h"

#include <bit>

#include "base/invariant.h"

namespace cupel::fuzz {
namespace {

class CellRows : public table::ChunkVisitor::Chunk {
 public:
  void visit(const table::Batch& batch) override {
    CHECK(batch.first_row == static_cast<std::int64_t>(rows.size()), "{} against {}", batch.first_row, rows.size());
    for (std::int64_t row = 0; row < batch.num_rows; ++row) {
      std::vector<std::string>& cells = rows.emplace_back();
      for (const table::Column& column : batch.columns) {
        CHECK(column.num_rows == batch.num_rows, "{} against {}", column.num_rows, batch.num_rows);
        cells.push_back(cell(column, row));
      }
    }
  }
  std::vector<std::vector<std::string>> rows;
};

}  // namespace

std::string number_cell(double value) { return fmt::format("n{:016x}", std::bit_cast<std::uint64_t>(value)); }

std::string cell(const table::Column& column, std::int64_t row) {
  if (column.is_null(row)) return "-";
  switch (column.type) {
    case table::Type::boolean: return fmt::format("b{}", column.booleans()[row]);
    case table::Type::integer: return fmt::format("i{}", column.integers()[row]);
    case table::Type::number: return number_cell(column.numbers()[row]);
    case table::Type::text: return "t" + std::string(column.text(row));
    case table::Type::timestamp: return fmt::format("u{}", column.integers()[row]);
  }
  return {};
}

std::unique_ptr<table::ChunkVisitor::Chunk> CellGather::make_chunk(std::int64_t) { return std::make_unique<CellRows>(); }

void CellGather::merge(std::unique_ptr<Chunk> chunk, std::int64_t num_rows) {
  auto& from = dynamic_cast<CellRows&>(*chunk);
  CHECK(num_rows == static_cast<std::int64_t>(from.rows.size()), "{} against {}", num_rows, from.rows.size());
  rows.insert(rows.end(), std::make_move_iterator(from.rows.begin()), std::make_move_iterator(from.rows.end()));
}

Scanned scan_all(table::BatchSource& source, table::ColumnRequest::As as, const table::ScanOptions& options) {
  std::vector<table::ColumnRequest> requests;
  for (std::size_t i = 0; i < source.schema().fields.size(); ++i) requests.push_back({static_cast<int>(i), as});
  CellGather gather;
  Scanned scanned;
  const Result<std::int64_t> num_rows = source.scan(requests, gather, options);
  if (!num_rows) {
    scanned.error = num_rows.error().message;
    CHECK(!scanned.error.empty());
    return scanned;
  }
  CHECK(*num_rows == static_cast<std::int64_t>(gather.rows.size()), "{} against {}", *num_rows, gather.rows.size());
  scanned.rows = std::move(gather.rows);
  for (const table::Field& field : source.schema().fields) scanned.types.push_back(field.type);
  return scanned;
}

}  // namespace cupel::fuzz
