#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "table/batch.h"

namespace cupel::table {

/// Grows one column in memory. Append in row order; text must be UTF-8. A text column holds at most 2 GiB (32-bit offsets): ask has_room
/// before appending text whose amount somebody else decides; append CHECKs it.
class ColumnBuilder {
 public:
  explicit ColumnBuilder(Type type) : type_(type) {}
  void append_null();
  void append(std::int64_t value);  ///< boolean, integer or timestamp
  void append(int value) { append(static_cast<std::int64_t>(value)); }
  void append(double value);  ///< number
  void append(std::string_view value);
  /// Appends row `row` of a column of the same type.
  void append_from(const Column& column, std::int64_t row);
  bool has_room(std::size_t text_bytes) const { return bytes_.size() + text_bytes <= 0x7fffffff; }
  /// Overwrites the type of an empty or all-null builder.
  void set_type(Type type);
  std::int64_t num_rows() const { return num_rows_; }
  Type type() const { return type_; }
  /// A view of what was appended; valid until the next append.
  Column view() const;

 private:
  void push_validity(bool present);

  Type type_;
  std::int64_t num_rows_ = 0;
  std::int64_t num_nulls_ = 0;
  std::vector<std::uint8_t> validity_;  // bits; complete even when nothing is null
  std::vector<std::uint8_t> booleans_;
  std::vector<std::int64_t> integers_;
  std::vector<double> numbers_;
  std::vector<std::int32_t> offsets_{0};
  std::string bytes_;
};

/// Rows in memory, column by column. Columns never change once they are here and are shared by the tables that hold them: a copy of a
/// table, or a table with one column replaced, costs a pointer a column. Also a source: a chunk has `chunk_bytes / 64` rows (at least one), whatever the columns.
class Table : public BatchSource {
 public:
  Table() = default;
  Table(Schema schema, std::vector<ColumnBuilder> columns);  ///< columns of equal length, types as in the schema

  const Schema& schema() const override { return schema_; }
  std::int64_t num_rows() const { return num_rows_; }
  /// View of a column by index; valid while the table lives.
  Column column(int field) const { return columns_[static_cast<std::size_t>(field)]->view(); }
  /// By name, or an error with the nearest name.
  Result<Column> column(std::string_view name) const;

  /// The rows at these positions, in this order.
  Table take(std::span<const std::int64_t> rows) const;
  /// All columns as they are, one replaced (same number of rows; its type may differ).
  Table with_column(int field, ColumnBuilder column) const;
  /// Is the column the same memory in both tables, so that nothing about it can differ?
  bool shares_column(int field, const Table& other) const {
    return columns_.at(static_cast<std::size_t>(field)) == other.columns_.at(static_cast<std::size_t>(field));
  }

  Result<std::int64_t> scan(std::span<const ColumnRequest> requests, ChunkVisitor& visitor, const ScanOptions& options) override;
  Result<Origin> origin() override { return origin_; }
  void set_origin(Origin origin) { origin_ = std::move(origin); }

 private:
  Schema schema_;
  std::vector<std::shared_ptr<const ColumnBuilder>> columns_;
  std::int64_t num_rows_ = 0;
  Origin origin_;
};

/// A text rendering of a value for messages and files: numbers shortest, text as it is, timestamps ISO 8601; null is "".
std::string value_text(const Column& column, std::int64_t row);

/// `unknown column 'Agee' (nearest: 'Age')`
tl::unexpected<Error> unknown_column(std::string_view name, const Schema& schema);

}  // namespace cupel::table
