#include "table/table.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"
#include "base/text.h"
#include "table/ordered_chunks.h"
#include "table/timestamp.h"

namespace cupel::table {

std::optional<int> Schema::find(std::string_view name) const {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == name) return static_cast<int>(i);
  }
  return std::nullopt;
}

std::vector<std::string> Schema::names() const {
  std::vector<std::string> all;
  all.reserve(fields.size());
  for (const Field& field : fields) all.push_back(field.name);
  return all;
}

tl::unexpected<Error> unknown_column(std::string_view name, const Schema& schema) {
  return fail("unknown column '{}'{}", name, nearest_note(name, schema.names()));
}

std::string value_text(const Column& column, std::int64_t row) {
  if (column.is_null(row)) return {};
  switch (column.type) {
    case Type::boolean: return column.booleans()[row] != 0 ? "true" : "false";
    case Type::integer: return fmt::format("{}", column.integers()[row]);
    case Type::number: return exact_text(column.numbers()[row]);
    case Type::text: return std::string(column.text(row));
    case Type::timestamp: return timestamp_text(column.integers()[row]);
  }
  return {};
}

Table::Table(Schema schema, std::vector<ColumnBuilder> columns) : schema_(std::move(schema)) {
  CHECK(schema_.fields.size() == columns.size(), "{} fields, {} columns", schema_.fields.size(), columns.size());
  num_rows_ = columns.empty() ? 0 : columns[0].num_rows();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    CHECK(columns[i].num_rows() == num_rows_, "column {} has {} rows, not {}", i, columns[i].num_rows(), num_rows_);
    CHECK(columns[i].type() == schema_.fields[i].type, "column {} is {}", i, type_name(columns[i].type()));
    columns_.push_back(std::make_shared<const ColumnBuilder>(std::move(columns[i])));
  }
}

Result<Column> Table::column(std::string_view name) const {
  const std::optional<int> field = schema_.find(name);
  if (!field) return unknown_column(name, schema_);
  return column(*field);
}

Table Table::take(std::span<const std::int64_t> rows) const {
  std::vector<ColumnBuilder> taken;
  taken.reserve(columns_.size());
  for (const auto& from : columns_) {
    const Column view = from->view();
    ColumnBuilder& to = taken.emplace_back(from->type());
    for (const std::int64_t row : rows) to.append_from(view, row);
  }
  Table result(schema_, std::move(taken));
  result.num_rows_ = static_cast<std::int64_t>(rows.size());
  result.origin_ = origin_;
  return result;
}

Table Table::with_column(int field, ColumnBuilder column) const {
  CHECK(column.num_rows() == num_rows_, "a column of {} rows for a table of {}", column.num_rows(), num_rows_);
  const auto index = static_cast<std::size_t>(field);
  Table result = *this;
  Field& changed = result.schema_.fields.at(index);
  changed.type = column.type();
  changed.first_text.reset();
  changed.no_values = false;
  result.columns_[index] = std::make_shared<const ColumnBuilder>(std::move(column));
  return result;
}

namespace {

ColumnBuilder as_text(const Column& column) {
  ColumnBuilder text(Type::text);
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (column.is_null(row)) {
      text.append_null();
    } else {
      text.append(std::string_view(value_text(column, row)));
    }
  }
  return text;
}

// Shows the rows [from, to) to the chunk in batches.
void visit_rows(std::span<const Column> columns, std::span<const ColumnRequest> requests, std::int64_t from, std::int64_t to,
                std::int64_t batch_rows, ChunkVisitor::Chunk& chunk) {
  std::vector<ColumnBuilder> texts;
  Batch batch;
  for (std::int64_t row = from; row < to; row += batch.num_rows) {
    batch.first_row = row - from;
    batch.num_rows = std::min(batch_rows, to - row);
    batch.columns.clear();
    texts.clear();
    texts.reserve(columns.size());  // views must not move
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Column part = slice(columns[i], row, batch.num_rows);
      const bool convert = requests[i].as == ColumnRequest::As::text && part.type != Type::text;
      batch.columns.push_back(convert ? texts.emplace_back(as_text(part)).view() : part);
    }
    chunk.visit(batch);
  }
}

}  // namespace

Result<std::int64_t> Table::scan(std::span<const ColumnRequest> requests, ChunkVisitor& visitor, const ScanOptions& options) {
  std::vector<Column> columns;
  for (const ColumnRequest& request : requests) columns.push_back(column(request.field));
  const std::int64_t chunk_rows = std::max<std::int64_t>(1, options.chunk_bytes / 64);
  const std::int64_t batch_rows = std::max<std::int64_t>(1, options.batch_rows);
  const std::int64_t num_chunks = (num_rows_ + chunk_rows - 1) / chunk_rows;
  const auto chunk_end = [&](std::int64_t chunk) { return std::min((chunk + 1) * chunk_rows, num_rows_); };

  std::vector<std::unique_ptr<ChunkVisitor::Chunk>> chunks(static_cast<std::size_t>(num_chunks));
  ordered_chunks(
      num_chunks, options.threads,
      [&](std::int64_t i) {
        auto chunk = visitor.make_chunk(i);
        visit_rows(columns, requests, i * chunk_rows, chunk_end(i), batch_rows, *chunk);
        chunks[static_cast<std::size_t>(i)] = std::move(chunk);
      },
      [&](std::int64_t i) {
        visitor.merge(std::move(chunks[static_cast<std::size_t>(i)]), chunk_end(i) - i * chunk_rows);
        if (options.progress) options.progress(static_cast<std::uint64_t>(chunk_end(i)), static_cast<std::uint64_t>(num_rows_));
        return true;
      });
  return num_rows_;
}

}  // namespace cupel::table
