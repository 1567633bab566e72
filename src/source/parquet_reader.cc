#include "source/parquet_reader.h"

#include <arrow/io/memory.h>
#include <arrow/type.h>
#include <parquet/arrow/schema.h>
#include <parquet/column_reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>

#include "base/invariant.h"
#include "source/arrow_columns.h"
#include "source/counts_chunks.h"
#include "source/parquet_statistics.h"
#include "source/parquet_values.h"
#include "table/ordered_chunks.h"
#include "table/pruning.h"

namespace cupel::source {
namespace {

using table::ColumnRequest;
using table::Type;

// A file of fewer row groups than this is cut into pieces of them, so that threads find work; which it is depends on the file alone.
constexpr int k_few_groups = 8;
constexpr std::int64_t k_piece_rows = 1 << 16;
// Batches are larger than elsewhere: states look at the entries of a dictionary once a batch.
constexpr std::int64_t k_batch_factor = 2;

tl::unexpected<Error> damaged(const std::string& path, const std::string& reason) {
  return fail(ErrorKind::corrupt, "{}: damaged Parquet: {}", path, reason.substr(0, reason.find('\n')));
}

// The wanted columns of one row group, read once from front to back; pieces of it by one thread after another.
class GroupRows {
 public:
  std::mutex mutex;
  std::condition_variable advanced;
  std::int64_t next_row = 0;
  bool failed = false;
  std::vector<std::unique_ptr<ParquetValues>> values;  // one a distinct request
};

class ParquetSource : public table::BatchSource, public CountsChunks {
 public:
  ParquetSource(std::string_view bytes, std::string path) : bytes_(bytes), path_(std::move(path)) {}

  Result<void> open(const ReadOptions& options) {
    try {
      file_ = std::make_shared<arrow::io::BufferReader>(std::make_shared<arrow::Buffer>(bytes_));
      reader_ = parquet::ParquetFileReader::Open(file_);
      metadata_ = reader_->metadata();
      TRY(read_schema());
    } catch (const parquet::ParquetException& exception) {
      return damaged(path_, exception.what());
    }
    return state_types(options);
  }

  const table::Schema& schema() const override { return schema_; }
  std::optional<std::int64_t> most_chunks(std::int64_t) const override {
    std::int64_t pieces = 0;
    for (int group = 0; group < metadata_->num_row_groups(); ++group) pieces += std::max<std::int64_t>(1, (metadata_->RowGroup(group)->num_rows() + k_piece_rows - 1) / k_piece_rows);
    return pieces;
  }
  Result<Origin> origin() override { return Origin{path_, {}, {}}; }

  Result<std::int64_t> scan(std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor,
                            const table::ScanOptions& options) override;

 private:
  /// One pass over the file.
  class Scan;

  Result<void> read_schema() {
    for (int group = 0; group < metadata_->num_row_groups(); ++group) {
      if (metadata_->RowGroup(group)->num_rows() < 0) return damaged(path_, "a row group has less than no rows");
    }
    parquet::arrow::SchemaManifest manifest;
    const parquet::ArrowReaderProperties properties;
    const arrow::Status status =
        parquet::arrow::SchemaManifest::Make(metadata_->schema(), metadata_->key_value_metadata(), properties, &manifest);
    if (!status.ok()) return damaged(path_, status.message());
    for (const parquet::arrow::SchemaField& column : manifest.schema_fields) {
      const auto& field = column.field;
      const std::optional<Type> type = type_of_arrow(*field->type());
      if (schema_.find(field->name())) return fail("{}: two columns are called '{}'", path_, field->name());
      schema_.fields.push_back({field->name(), type.value_or(Type::text)});
      arrow_types_.push_back(field->type());
      known_.push_back(type.has_value() && column.column_index >= 0 ? 1 : 0);
      leaves_.push_back(column.column_index);
    }
    return {};
  }

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

  std::string_view bytes_;
  std::string path_;
  std::shared_ptr<arrow::io::RandomAccessFile> file_;
  std::unique_ptr<parquet::ParquetFileReader> reader_;
  std::shared_ptr<parquet::FileMetaData> metadata_;
  table::Schema schema_;
  std::vector<std::shared_ptr<arrow::DataType>> arrow_types_;
  std::vector<char> known_;
  std::vector<int> leaves_;
};

class ParquetSource::Scan {
 public:
  Scan(const ParquetSource& source, std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor,
       const table::ScanOptions& options)
      : source_(&source), visitor_(&visitor), options_(&options) {
    for (const ColumnRequest& request : requests) {
      const auto same = std::find(requests_.begin(), requests_.end(), request);
      value_of_request_.push_back(static_cast<std::size_t>(same - requests_.begin()));
      if (same == requests_.end()) requests_.push_back(request);
    }
    const parquet::FileMetaData& metadata = *source.metadata_;
    const std::int64_t most = metadata.num_row_groups() < k_few_groups ? k_piece_rows : std::numeric_limits<std::int64_t>::max();
    groups_.resize(static_cast<std::size_t>(metadata.num_row_groups()));
    for (int group = 0; group < metadata.num_row_groups(); ++group) {
      const std::int64_t num_rows = metadata.RowGroup(group)->num_rows();
      idle_.push_back(is_idle(group) ? 1 : 0);
      std::int64_t from = 0;
      do {
        pieces_.push_back({group, from, std::min(most, num_rows - from), num_rows, nullptr, {}});
        from += pieces_.back().num_rows;
      } while (from < num_rows);
    }
    batch_rows_ = k_batch_factor * std::max<std::int64_t>(1, options.batch_rows);
  }

  Result<std::int64_t> run() {
    std::int64_t num_rows = 0;
    std::optional<Error> error;
    std::exception_ptr thrown;
    table::ordered_chunks(
        static_cast<std::int64_t>(pieces_.size()), options_->threads, [&](std::int64_t i) { work(i, pieces_[static_cast<std::size_t>(i)]); },
        [&](std::int64_t i) {
          Piece& piece = pieces_[static_cast<std::size_t>(i)];
          thrown = piece.thrown;
          if (thrown) return false;
          if (!piece.outcome) {
            error = piece.outcome.error();
            return false;
          }
          visitor_->merge(std::move(piece.gathered), piece.num_rows);
          num_rows += piece.num_rows;
          if (options_->progress) {
            options_->progress(static_cast<std::uint64_t>(num_rows), static_cast<std::uint64_t>(source_->metadata_->num_rows()));
          }
          return true;
        });
    if (thrown) std::rethrow_exception(thrown);
    if (error) return tl::unexpected(*error);
    return num_rows;
  }

 private:
  /// Consecutive rows of a row group: what one chunk holds.
  struct Piece {
    int group = 0;
    std::int64_t first_row = 0;
    std::int64_t num_rows = 0;
    std::int64_t group_rows = 0;
    std::unique_ptr<table::ChunkVisitor::Chunk> gathered;
    Result<void> outcome;
    std::exception_ptr thrown{};
  };
  using Buffers = std::vector<ParquetBuffers>;

  void work(std::int64_t index, Piece& piece) {
    try {
      piece.gathered = visitor_->make_chunk(index);
      if (idle_[static_cast<std::size_t>(piece.group)] != 0) return piece.gathered->pass_over(piece.num_rows);
      if (requests_.empty() || piece.num_rows == 0) return show_rows_alone(piece);
      piece.outcome = piece.num_rows == piece.group_rows ? stream(piece) : read_in_turn(piece);
    } catch (const parquet::ParquetException& exception) {
      piece.outcome = damaged(source_->path_, exception.what());
    } catch (...) {
      piece.thrown = std::current_exception();
    }
  }

  // Whether the statistics say that nobody asks about any row of the group.
  bool is_idle(int group) const {
    if (options_->pruning == nullptr) return false;
    const auto metadata = source_->metadata_->RowGroup(group);
    return options_->pruning->is_idle([&](int of) {
      const auto field = static_cast<std::size_t>(of);
      if (source_->known_[field] == 0) return table::ColumnBounds{};
      return bounds_of_chunk(*metadata, source_->leaves_[field], *source_->arrow_types_[field], source_->schema_.fields[field].type);
    });
  }

  // A whole row group, a batch at a time.
  Result<void> stream(Piece& piece) const {
    GroupRows rows;
    open(piece.group, rows);
    Buffers buffers(requests_.size());
    for (std::int64_t row = 0; row < piece.num_rows;) {
      const std::int64_t count = std::min(batch_rows_, piece.num_rows - row);
      TRY(read(rows, count, buffers));
      show(buffers, row, count, *piece.gathered);
      row += count;
    }
    return {};
  }

  // Pages are read one after another, so the pieces of a group are decoded in turn; what is done with the values goes side by side.
  Result<void> read_in_turn(Piece& piece) {
    std::vector<Buffers> batches;
    TRY(take_turn(piece, batches));
    std::int64_t row = 0;
    for (Buffers& buffers : batches) {
      const std::int64_t count = buffers[0].view.num_rows;
      show(buffers, row, count, *piece.gathered);
      row += count;
    }
    return {};
  }

  Result<void> take_turn(Piece& piece, std::vector<Buffers>& batches) {
    std::unique_ptr<GroupRows>& slot = groups_[static_cast<std::size_t>(piece.group)];
    {
      const std::lock_guard lock(groups_mutex_);
      if (slot == nullptr) slot = std::make_unique<GroupRows>();
    }
    GroupRows& rows = *slot;
    std::unique_lock lock(rows.mutex);
    rows.advanced.wait(lock, [&] { return rows.failed || rows.next_row == piece.first_row; });
    if (rows.failed) return {};  // the piece before tells why, and ends the scan
    rows.failed = true;          // unless all goes well
    struct Wake {
      std::condition_variable& waiting;
      ~Wake() { waiting.notify_all(); }
    } const wake{rows.advanced};
    if (piece.first_row == 0) open(piece.group, rows);
    for (std::int64_t row = 0; row < piece.num_rows;) {
      const std::int64_t count = std::min(batch_rows_, piece.num_rows - row);
      TRY(read(rows, count, batches.emplace_back(requests_.size())));
      row += count;
    }
    rows.next_row += piece.num_rows;
    rows.failed = false;
    if (rows.next_row == piece.group_rows) rows.values.clear();
    return {};
  }

  void open(int group, GroupRows& rows) const {
    const auto reader = source_->reader_->RowGroup(group);
    for (const ColumnRequest& request : requests_) {
      const auto field = static_cast<std::size_t>(request.field);
      const int leaf = source_->leaves_[field];
      const Type wanted = request.as == ColumnRequest::As::text ? Type::text : source_->schema_.fields[field].type;
      rows.values.push_back(ParquetValues::make(source_->metadata_->schema()->Column(leaf), *source_->arrow_types_[field], wanted,
                                                reader->GetColumnPageReader(leaf)));
    }
  }

  Result<void> read(GroupRows& rows, std::int64_t count, Buffers& buffers) const {
    for (std::size_t i = 0; i < requests_.size(); ++i) {
      const auto done = rows.values[i]->read(count, buffers[i]);
      if (!done) {
        const auto& field = source_->schema_.fields[static_cast<std::size_t>(requests_[i].field)];
        return fail("{}: column '{}': {}", source_->path_, field.name, done.error().message);
      }
    }
    return {};
  }

  void show(const Buffers& buffers, std::int64_t first_row, std::int64_t count, table::ChunkVisitor::Chunk& chunk) const {
    table::Batch batch{first_row, count, {}};
    for (const std::size_t i : value_of_request_) batch.columns.push_back(buffers[i].view);
    chunk.visit(batch);
  }

  void show_rows_alone(Piece& piece) const {
    for (std::int64_t row = 0; row < piece.num_rows; row += batch_rows_) {
      piece.gathered->visit({row, std::min(batch_rows_, piece.num_rows - row), {}});
    }
  }

  const ParquetSource* source_;
  table::ChunkVisitor* visitor_;
  const table::ScanOptions* options_;
  std::vector<ColumnRequest> requests_;  // each once
  std::vector<std::size_t> value_of_request_;
  std::int64_t batch_rows_ = 0;
  std::vector<Piece> pieces_;
  std::vector<char> idle_;  // a row group
  std::mutex groups_mutex_;
  std::vector<std::unique_ptr<GroupRows>> groups_;  // of those that are cut
};

Result<std::int64_t> ParquetSource::scan(std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor,
                                         const table::ScanOptions& options) {
  for (const ColumnRequest& request : requests) {
    const auto field = static_cast<std::size_t>(request.field);
    if (known_[field] == 0) {
      return fail("{}: column '{}' has the type {}, expected numbers, text, booleans or timestamps", path_, schema_.fields[field].name,
                  arrow_types_[field]->ToString());
    }
  }
  return Scan(*this, requests, visitor, options).run();
}

}  // namespace

Result<std::unique_ptr<table::BatchSource>> open_parquet_file(std::string_view bytes, const std::string& path, const ReadOptions& options) {
  auto source = std::make_unique<ParquetSource>(bytes, path);
  TRY(source->open(options));
  return source;
}

}  // namespace cupel::source
