#include "table/row_chunks.h"

#include <algorithm>

#include "base/invariant.h"

namespace cupel::table {
namespace {

ColumnBuilder text_of(const Column& column) {
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

}  // namespace

RowChunks::RowChunks(ChunkVisitor& visitor, const ScanOptions& options, std::span<const ColumnRequest> requests, std::vector<int> fields,
                     const std::vector<Type>& types)
    : visitor_(visitor),
      chunk_rows_(std::max<std::int64_t>(1, options.chunk_bytes / 64)),
      batch_rows_(std::max<std::int64_t>(1, options.batch_rows)),
      requests_(requests),
      fields_(std::move(fields)),
      types_(types) {
  CHECK(fields_.size() == types_.size(), "{} fields, {} types", fields_.size(), types_.size());
  for (const Type type : types_) columns_.emplace_back(type);
}

std::vector<int> RowChunks::fields_of(std::span<const ColumnRequest> requests) {
  std::vector<int> fields;
  for (const ColumnRequest& request : requests) {
    if (std::find(fields.begin(), fields.end(), request.field) == fields.end()) fields.push_back(request.field);
  }
  return fields;
}

void RowChunks::end_row() {
  ++num_in_batch_;
  // Long texts end a batch early: a column of text holds 2 GiB.
  constexpr std::size_t k_room = 0x7fffffff - (64u << 20);
  const bool full = std::any_of(columns_.begin(), columns_.end(), [](const ColumnBuilder& column) { return !column.has_room(k_room); });
  const bool chunk_ends = num_in_chunk_ + num_in_batch_ == chunk_rows_;
  if (num_in_batch_ == batch_rows_ || full || chunk_ends) end_batch();
  if (chunk_ends) end_chunk();
}

void RowChunks::end_batch() {
  if (num_in_batch_ == 0) return;
  if (!chunk_) chunk_ = visitor_.make_chunk(num_rows_ / chunk_rows_);
  Batch batch{num_in_chunk_, num_in_batch_, {}};
  std::vector<ColumnBuilder> texts;
  texts.reserve(requests_.size());  // views must not move
  for (const ColumnRequest& request : requests_) {
    const auto i = static_cast<std::size_t>(std::find(fields_.begin(), fields_.end(), request.field) - fields_.begin());
    const Column view = columns_[i].view();
    CHECK(view.num_rows == num_in_batch_, "column {} has {} rows, not {}", i, view.num_rows, num_in_batch_);
    const bool convert = request.as == ColumnRequest::As::text && view.type != Type::text;
    batch.columns.push_back(convert ? texts.emplace_back(text_of(view)).view() : view);
  }
  chunk_->visit(batch);
  for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i] = ColumnBuilder(types_[i]);
  num_in_chunk_ += num_in_batch_;
  num_in_batch_ = 0;
}

void RowChunks::end_chunk() {
  if (num_in_chunk_ == 0) return;
  visitor_.merge(std::move(chunk_), num_in_chunk_);
  num_rows_ += num_in_chunk_;
  num_in_chunk_ = 0;
}

std::int64_t RowChunks::finish() {
  end_batch();
  end_chunk();
  return num_rows_;
}

}  // namespace cupel::table
