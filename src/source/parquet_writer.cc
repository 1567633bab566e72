#include "source/parquet_writer.h"

#include <arrow/builder.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>
#include <parquet/properties.h>

#include <numeric>

#include "base/invariant.h"

namespace cupel::source {
namespace {

using table::Column;
using table::Type;

constexpr std::int64_t k_group_rows = 128 << 10;

std::shared_ptr<arrow::DataType> arrow_type(Type type) {
  switch (type) {
    case Type::boolean: return arrow::boolean();
    case Type::integer: return arrow::int64();
    case Type::number: return arrow::float64();
    case Type::text: return arrow::utf8();
    case Type::timestamp: return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
  }
  return arrow::null();
}

class ParquetWriter : public RowWriter {
 public:
  ParquetWriter(std::string path, const table::Schema& schema) : path_(std::move(path)), fields_(schema.fields) {}

  Result<void> open() {
    arrow::FieldVector fields;
    for (const table::Field& field : fields_) fields.push_back(arrow::field(field.name, arrow_type(field.type)));
    schema_ = arrow::schema(std::move(fields));
    auto file = arrow::io::FileOutputStream::Open(path_);
    if (!file.ok()) return failed(file.status());
    file_ = *file;
    parquet::WriterProperties::Builder properties;
    properties.compression(parquet::Compression::ZSTD)->max_row_group_length(k_group_rows)->created_by("cupel");
    parquet::ArrowWriterProperties::Builder arrow_properties;
    auto writer = parquet::arrow::FileWriter::Open(*schema_, arrow::default_memory_pool(), file_, properties.build(), arrow_properties.build());
    if (!writer.ok()) return failed(writer.status());
    writer_ = std::move(*writer);
    return make_builders();
  }

  Result<void> append(std::span<const Column> columns, std::int64_t num_rows) override {
    std::vector<std::int64_t> rows(static_cast<std::size_t>(num_rows));
    std::iota(rows.begin(), rows.end(), std::int64_t{0});
    return append_rows(columns, rows);
  }

  Result<void> append_rows(std::span<const Column> columns, std::span<const std::int64_t> rows) override {
    CHECK(columns.size() == fields_.size(), "{} columns, {} fields", columns.size(), fields_.size());
    while (!rows.empty()) {
      const auto part = rows.first(std::min(rows.size(), static_cast<std::size_t>(k_group_rows - num_rows_)));
      for (std::size_t c = 0; c < columns.size(); ++c) {
        CHECK(columns[c].type == fields_[c].type, "column {} is {}", c, table::type_name(columns[c].type));
        for (const std::int64_t row : part) {
          if (const arrow::Status status = append_value(columns[c], row, *builders_[c]); !status.ok()) return failed(status);
        }
      }
      num_rows_ += static_cast<std::int64_t>(part.size());
      rows = rows.subspan(part.size());
      if (num_rows_ == k_group_rows) TRY(write_group());
    }
    return {};
  }

  Result<void> finish() override {
    TRY(write_group());
    try {
      if (const arrow::Status status = writer_->Close(); !status.ok()) return failed(status);
    } catch (const parquet::ParquetException& exception) {
      return fail(ErrorKind::io, "cannot write '{}': {}", path_, exception.what());
    }
    if (const arrow::Status status = file_->Close(); !status.ok()) return failed(status);
    return {};
  }

 private:
  tl::unexpected<Error> failed(const arrow::Status& status) const {
    return fail(ErrorKind::io, "cannot write '{}': {}", path_, status.message());
  }

  Result<void> make_builders() {
    builders_.clear();
    for (const auto& field : schema_->fields()) {
      auto builder = arrow::MakeBuilder(field->type());
      if (!builder.ok()) return failed(builder.status());
      builders_.push_back(std::move(*builder));
    }
    return {};
  }

  static arrow::Status append_value(const Column& column, std::int64_t row, arrow::ArrayBuilder& builder) {
    if (column.is_null(row)) return builder.AppendNull();
    switch (column.type) {
      case Type::boolean: return dynamic_cast<arrow::BooleanBuilder&>(builder).Append(column.booleans()[row] != 0);
      case Type::integer: return dynamic_cast<arrow::Int64Builder&>(builder).Append(column.integers()[row]);
      case Type::number: return dynamic_cast<arrow::DoubleBuilder&>(builder).Append(column.numbers()[row]);
      case Type::text: return dynamic_cast<arrow::StringBuilder&>(builder).Append(column.text(row));
      case Type::timestamp: return dynamic_cast<arrow::TimestampBuilder&>(builder).Append(column.integers()[row]);
    }
    return arrow::Status::OK();
  }

  Result<void> write_group() {
    if (num_rows_ == 0) return {};
    arrow::ArrayVector arrays;
    for (auto& builder : builders_) {
      std::shared_ptr<arrow::Array> array;
      if (const arrow::Status status = builder->Finish(&array); !status.ok()) return failed(status);
      arrays.push_back(std::move(array));
    }
    const auto rows = arrow::RecordBatch::Make(schema_, num_rows_, std::move(arrays));
    num_rows_ = 0;
    try {
      if (const arrow::Status status = writer_->WriteRecordBatch(*rows); !status.ok()) return failed(status);
    } catch (const parquet::ParquetException& exception) {
      return fail(ErrorKind::io, "cannot write '{}': {}", path_, exception.what());
    }
    return {};
  }

  std::string path_;
  std::vector<table::Field> fields_;
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::io::FileOutputStream> file_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  std::vector<std::unique_ptr<arrow::ArrayBuilder>> builders_;
  std::int64_t num_rows_ = 0;
};

}  // namespace

Result<std::unique_ptr<RowWriter>> write_parquet_file(const std::string& path, const table::Schema& schema) {
  auto writer = std::make_unique<ParquetWriter>(path, schema);
  TRY(writer->open());
  return writer;
}

}  // namespace cupel::source
