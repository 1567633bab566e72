#include "source/parquet_reader.h"

#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <exception>
#include <mutex>

#include "base/invariant.h"
#include "source/parquet_columns.h"
#include "table/ordered_chunks.h"

namespace cupel::source {
namespace {

using table::ColumnRequest;
using table::Type;

tl::unexpected<Error> damaged(const std::string& path, const std::string& reason) {
  return fail(ErrorKind::corrupt, "{}: damaged Parquet: {}", path, reason.substr(0, reason.find('\n')));
}

class ParquetSource : public table::BatchSource {
 public:
  explicit ParquetSource(std::string path) : path_(std::move(path)) {}

  Result<void> open(const ReadOptions& options) {
    auto file = arrow::io::ReadableFile::Open(path_);
    if (!file.ok()) return fail(ErrorKind::io, "cannot read '{}': {}", path_, file.status().message());
    file_ = *file;
    ASSIGN_OR_RETURN(const auto reader, make_reader(1));
    metadata_ = reader->parquet_reader()->metadata();
    std::shared_ptr<arrow::Schema> schema;
    if (const arrow::Status status = reader->GetSchema(&schema); !status.ok()) return damaged(path_, status.message());
    const auto& manifest = reader->manifest();
    for (int i = 0; i < schema->num_fields(); ++i) {
      const auto& field = schema->field(i);
      const std::optional<Type> type = type_of_arrow(*field->type());
      if (schema_.find(field->name())) return fail("{}: two columns are called '{}'", path_, field->name());
      schema_.fields.push_back({field->name(), type.value_or(Type::text)});
      arrow_types_.push_back(field->type()->ToString());
      known_.push_back(type.has_value() ? 1 : 0);
      leaves_.push_back(manifest.schema_fields[static_cast<std::size_t>(i)].column_index);
    }
    return state_types(options);
  }

  const table::Schema& schema() const override { return schema_; }
  Result<Origin> origin() override { return Origin{path_, {}, {}}; }

  Result<std::int64_t> scan(std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor,
                            const table::ScanOptions& options) override {
    for (const ColumnRequest& request : requests) {
      const auto field = static_cast<std::size_t>(request.field);
      if (known_[field] == 0) {
        return fail("{}: column '{}' has the type {}, expected numbers, text, booleans or timestamps", path_, schema_.fields[field].name,
                    arrow_types_[field]);
      }
    }
    const int num_groups = metadata_->num_row_groups();
    std::vector<Group> groups(static_cast<std::size_t>(num_groups));
    std::int64_t num_rows = 0;
    std::optional<Error> error;
    std::exception_ptr thrown;
    std::mutex mutex;
    table::ordered_chunks(
        num_groups, options.threads,
        [&](std::int64_t i) {
          Group& group = groups[static_cast<std::size_t>(i)];
          try {
            group.outcome = read_group(static_cast<int>(i), requests, visitor, options, group);
          } catch (const parquet::ParquetException& exception) {
            group.outcome = damaged(path_, exception.what());
          } catch (...) {
            const std::lock_guard lock(mutex);
            thrown = std::current_exception();
          }
        },
        [&](std::int64_t i) {
          Group& group = groups[static_cast<std::size_t>(i)];
          const std::lock_guard lock(mutex);
          if (thrown) return false;
          if (!group.outcome) {
            error = group.outcome.error();
            return false;
          }
          visitor.merge(std::move(group.gathered), group.num_rows);
          num_rows += group.num_rows;
          if (options.progress) options.progress(static_cast<std::uint64_t>(num_rows), static_cast<std::uint64_t>(metadata_->num_rows()));
          return true;
        });
    if (thrown) std::rethrow_exception(thrown);
    if (error) return tl::unexpected(*error);
    return num_rows;
  }

 private:
  struct Group {
    std::unique_ptr<table::ChunkVisitor::Chunk> gathered;
    std::int64_t num_rows = 0;
    Result<void> outcome;
  };

  Result<void> state_types(const ReadOptions& options) {
    for (const auto& [name, type] : options.types) {
      const std::optional<int> field = schema_.find(name);
      if (!field) return table::unknown_column(name, schema_);
      Type& own = schema_.fields[static_cast<std::size_t>(*field)].type;
      if (type != own && type != Type::text && !(type == Type::number && own == Type::integer)) {
        return fail("{}: column '{}' is {} in the file, not {}", path_, name, table::type_name(own), table::type_name(type));
      }
      own = type;
    }
    return {};
  }

  Result<std::unique_ptr<parquet::arrow::FileReader>> make_reader(std::int64_t batch_rows) const {
    try {
      parquet::arrow::FileReaderBuilder builder;
      if (const arrow::Status status = builder.Open(file_, parquet::default_reader_properties(), metadata_); !status.ok()) {
        return damaged(path_, status.message());
      }
      const auto metadata = builder.raw_reader()->metadata();
      parquet::ArrowReaderProperties properties(/*use_threads=*/false);
      properties.set_batch_size(batch_rows);
      for (int column = 0; column < metadata->num_columns(); ++column) {
        if (metadata->schema()->Column(column)->physical_type() == parquet::Type::BYTE_ARRAY && has_dictionary(*metadata, column)) {
          properties.set_read_dictionary(column, true);
        }
      }
      builder.properties(properties);
      auto reader = builder.Build();
      if (!reader.ok()) return damaged(path_, reader.status().message());
      return std::move(*reader);
    } catch (const parquet::ParquetException& exception) {
      return damaged(path_, exception.what());
    }
  }

  static bool has_dictionary(const parquet::FileMetaData& metadata, int column) {
    for (int group = 0; group < metadata.num_row_groups(); ++group) {
      if (!metadata.RowGroup(group)->ColumnChunk(column)->has_dictionary_page()) return false;
    }
    return metadata.num_row_groups() > 0;
  }

  Result<void> read_group(int index, std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor,
                          const table::ScanOptions& options, Group& group) const {
    group.gathered = visitor.make_chunk();
    group.num_rows = metadata_->RowGroup(index)->num_rows();
    if (requests.empty()) return show_rows_alone(group, options.batch_rows);
    std::vector<int> leaves;  // each once, ascending: the order of the reader's columns
    for (const ColumnRequest& request : requests) leaves.push_back(leaves_[static_cast<std::size_t>(request.field)]);
    std::sort(leaves.begin(), leaves.end());
    leaves.erase(std::unique(leaves.begin(), leaves.end()), leaves.end());

    ASSIGN_OR_RETURN(const auto reader, make_reader(options.batch_rows));
    auto batches = reader->GetRecordBatchReader({index}, leaves);
    if (!batches.ok()) return damaged(path_, batches.status().message());
    std::vector<ArrowColumn> columns(requests.size());
    table::Batch batch;
    for (;;) {
      std::shared_ptr<arrow::RecordBatch> rows;
      if (const arrow::Status status = (*batches)->ReadNext(&rows); !status.ok()) return damaged(path_, status.message());
      if (rows == nullptr) break;
      batch.num_rows = rows->num_rows();
      batch.columns.clear();
      for (std::size_t i = 0; i < requests.size(); ++i) {
        const auto& field = schema_.fields[static_cast<std::size_t>(requests[i].field)];
        const int leaf = leaves_[static_cast<std::size_t>(requests[i].field)];
        const auto at = static_cast<int>(std::lower_bound(leaves.begin(), leaves.end(), leaf) - leaves.begin());
        const Type wanted = requests[i].as == ColumnRequest::As::text ? Type::text : field.type;
        auto column = columns[i].view(rows->column(at), wanted);
        if (!column) return fail("{}: column '{}': {}", path_, field.name, column.error().message);
        batch.columns.push_back(*column);
      }
      group.gathered->visit(batch);
      batch.first_row += batch.num_rows;
    }
    if (batch.first_row != group.num_rows) return damaged(path_, fmt::format("row group {} has {} rows, expected {}", index, batch.first_row, group.num_rows));
    return {};
  }

  static Result<void> show_rows_alone(Group& group, std::int64_t batch_rows) {
    table::Batch batch;
    for (; batch.first_row < group.num_rows; batch.first_row += batch.num_rows) {
      batch.num_rows = std::min(batch_rows, group.num_rows - batch.first_row);
      group.gathered->visit(batch);
    }
    return {};
  }

  std::string path_;
  std::shared_ptr<arrow::io::RandomAccessFile> file_;
  std::shared_ptr<parquet::FileMetaData> metadata_;
  table::Schema schema_;
  std::vector<std::string> arrow_types_;
  std::vector<char> known_;
  std::vector<int> leaves_;
};

}  // namespace

Result<std::unique_ptr<table::BatchSource>> open_parquet_file(const std::string& path, const ReadOptions& options) {
  auto source = std::make_unique<ParquetSource>(path);
  TRY(source->open(options));
  return source;
}

}  // namespace cupel::source
