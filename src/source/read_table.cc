#include <algorithm>
#include <limits>

#include "source/read.h"

namespace cupel::source {
namespace {

using table::Batch;
using table::Column;
using table::ColumnBuilder;
using table::ColumnRequest;

// The rows of one chunk, column by column.
class Rows : public table::ChunkVisitor::Chunk {
 public:
  void visit(const Batch& batch) override {
    if (builders_.empty()) {
      for (const Column& column : batch.columns) builders_.emplace_back(column.type);
    }
    for (std::size_t c = 0; c < batch.columns.size(); ++c) append(batch.columns[c], builders_[c]);
  }
  static void append(const Column& column, ColumnBuilder& builder) {
    for (std::int64_t row = 0; row < column.num_rows; ++row) builder.append_from(column, row);
  }
  static std::uint64_t text_bytes(const Column& column) {
    if (column.type != table::Type::text || column.num_rows == 0) return 0;
    return static_cast<std::uint64_t>(column.offsets[column.num_rows] - column.offsets[0]);
  }
  std::vector<ColumnBuilder> builders_;
};

// Appends chunks in order.
class Gather : public table::ChunkVisitor {
 public:
  std::unique_ptr<Chunk> make_chunk(std::int64_t) override { return std::make_unique<Rows>(); }
  void merge(std::unique_ptr<Chunk> chunk, std::int64_t num_rows) override {
    num_rows_ += num_rows;
    Rows& rows = dynamic_cast<Rows&>(*chunk);
    if (rows.builders_.empty() || too_large_) return;
    if (text_bytes_.empty()) text_bytes_.resize(rows.builders_.size());
    for (std::size_t c = 0; c < rows.builders_.size(); ++c) {
      text_bytes_[c] += Rows::text_bytes(rows.builders_[c].view());
      if (text_bytes_[c] > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max())) {
        too_large_ = c;
        return;
      }
    }
    if (builders_.empty()) {
      builders_ = std::move(rows.builders_);
      return;
    }
    for (std::size_t c = 0; c < builders_.size(); ++c) Rows::append(rows.builders_[c].view(), builders_[c]);
  }
  void restart() override { *this = Gather(); }

  std::vector<ColumnBuilder> builders_;
  std::vector<std::uint64_t> text_bytes_;
  std::optional<std::size_t> too_large_;
  std::int64_t num_rows_ = 0;
};

}  // namespace

Result<table::Table> read_table(table::BatchSource& source, const std::optional<std::vector<std::string>>& columns) {
  std::vector<ColumnRequest> requests;
  for (const std::string& name : columns ? *columns : source.schema().names()) {
    const std::optional<int> field = source.schema().find(name);
    if (!field) return table::unknown_column(name, source.schema());
    requests.push_back({*field, ColumnRequest::As::native});
  }
  Gather gather;
  TRY(source.scan(requests, gather, {}));
  table::Schema schema;
  for (const ColumnRequest& request : requests) schema.fields.push_back(source.schema().fields[static_cast<std::size_t>(request.field)]);
  if (gather.too_large_) return fail("column '{}' has more than 2 GiB of text, too much to hold in memory", schema.fields[*gather.too_large_].name);
  if (gather.builders_.empty()) {
    for (const table::Field& field : schema.fields) gather.builders_.emplace_back(field.type);
  }
  table::Table rows(std::move(schema), std::move(gather.builders_));
  ASSIGN_OR_RETURN(table::BatchSource::Origin origin, source.origin());
  rows.set_origin(std::move(origin));
  return rows;
}

Result<table::Table> read_table(const std::string& path, const ReadOptions& options, const std::optional<std::vector<std::string>>& columns) {
  ASSIGN_OR_RETURN(const auto source, open_source(path, options));
  return read_table(*source, columns);
}

}  // namespace cupel::source
