#include "source/ipc_reader.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/message.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>

#include "source/arrow_columns.h"
#include "source/counts_chunks.h"
#include "table/ordered_chunks.h"
#include "table/pruning.h"

namespace cupel::source {
namespace {

using table::ColumnRequest;
using table::Type;

class IpcSource : public table::BatchSource, public CountsChunks {
 public:
  IpcSource(std::string_view bytes, std::string path)
      : buffer_(std::make_shared<arrow::Buffer>(bytes)), path_(std::move(path)), is_file_(bytes.starts_with("ARROW1")) {}

  Result<void> open(const ReadOptions& options) {
    std::shared_ptr<arrow::Schema> schema;
    if (is_file_) {
      const auto reader = arrow::ipc::RecordBatchFileReader::Open(input(), read_options({}));
      if (!reader.ok()) return damaged(reader.status());
      schema = (*reader)->schema();
      num_batches_ = (*reader)->num_record_batches();
    } else {
      const auto reader = arrow::ipc::RecordBatchStreamReader::Open(input(), read_options({}));
      if (!reader.ok()) return damaged(reader.status());
      schema = (*reader)->schema();
      TRY(count_batches());
    }
    for (const auto& field : schema->fields()) {
      if (schema_.find(field->name())) return fail("{}: two columns are called '{}'", path_, field->name());
      const std::optional<Type> type = type_of_arrow(*field->type());
      schema_.fields.push_back({field->name(), type.value_or(Type::text)});
      arrow_types_.push_back(field->type());
    }
    return state_types(options);
  }

  const table::Schema& schema() const override { return schema_; }
  std::optional<std::int64_t> most_chunks(std::int64_t) const override { return num_batches_; }
  Result<Origin> origin() override { return Origin{path_, {}, {}}; }

  Result<std::int64_t> scan(std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor,
                            const table::ScanOptions& options) override {
    std::vector<int> fields;  // each once, ascending: the order of a batch's columns
    for (const ColumnRequest& request : requests) {
      const auto field = static_cast<std::size_t>(request.field);
      if (!type_of_arrow(*arrow_types_[field])) {
        return fail("{}: column '{}' has the type {}, expected numbers, text, booleans or timestamps", path_, schema_.fields[field].name,
                    arrow_types_[field]->ToString());
      }
      fields.push_back(request.field);
    }
    std::sort(fields.begin(), fields.end());
    fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
    // What a folder knows of the file may rule all of it out; of its own values nothing is known beforehand.
    const bool is_idle = options.pruning != nullptr && options.pruning->is_idle([](int) { return table::ColumnBounds{}; });
    if (is_idle) fields.clear();
    // With nothing wanted one column is read all the same: an empty list would mean all of them.
    if (fields.empty() && !schema_.fields.empty()) fields.push_back(0);
    Turns turns;
    TRY(open_turns(fields, turns));
    std::vector<Part> parts(static_cast<std::size_t>(num_batches_));
    std::int64_t num_rows = 0;
    std::optional<Error> error;
    std::exception_ptr thrown;
    table::ordered_chunks(
        num_batches_, options.threads,
        [&](std::int64_t i) {
          Part& part = parts[static_cast<std::size_t>(i)];
          try {
            part.gathered = visitor.make_chunk(i);
            part.outcome = is_idle ? pass_over(i, turns, part) : read(i, turns, fields, requests, options, part);
          } catch (...) {
            part.thrown = std::current_exception();
          }
        },
        [&](std::int64_t i) {
          Part part = std::move(parts[static_cast<std::size_t>(i)]);
          thrown = part.thrown;
          if (!part.outcome) error = part.outcome.error();
          if (thrown || error) return false;
          visitor.merge(std::move(part.gathered), part.num_rows);
          num_rows += part.num_rows;
          if (options.progress) options.progress(static_cast<std::uint64_t>(i) + 1, static_cast<std::uint64_t>(num_batches_));
          return true;
        });
    if (thrown) std::rethrow_exception(thrown);
    if (error) return tl::unexpected(*error);
    return num_rows;
  }

 private:
  struct Part {
    std::unique_ptr<table::ChunkVisitor::Chunk> gathered;
    std::int64_t num_rows = 0;
    Result<void> outcome;
    std::exception_ptr thrown{};
  };
  // One reader for all threads: a file's batches come in any order, a stream's one after another.
  struct Turns {
    std::shared_ptr<arrow::ipc::RecordBatchFileReader> file;
    std::shared_ptr<arrow::ipc::RecordBatchStreamReader> stream;
    std::mutex mutex;
    std::condition_variable advanced;
    std::int64_t next = 0;
  };

  std::shared_ptr<arrow::io::BufferReader> input() const { return std::make_shared<arrow::io::BufferReader>(buffer_); }
  static arrow::ipc::IpcReadOptions read_options(const std::vector<int>& fields) {
    auto options = arrow::ipc::IpcReadOptions::Defaults();
    options.use_threads = false;
    options.included_fields = fields;
    return options;
  }
  tl::unexpected<Error> damaged(const arrow::Status& status) const {
    const std::string& reason = status.message();
    return fail(ErrorKind::corrupt, "{}: damaged Arrow IPC: {}", path_, reason.substr(0, reason.find('\n')));
  }

  Result<void> count_batches() {
    const auto messages = arrow::ipc::MessageReader::Open(input());
    for (;;) {
      const auto message = messages->ReadNextMessage();
      if (!message.ok()) return damaged(message.status());
      if (*message == nullptr) return {};
      if ((*message)->type() == arrow::ipc::MessageType::RECORD_BATCH) ++num_batches_;
    }
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

  Result<void> open_turns(const std::vector<int>& fields, Turns& turns) const {
    if (is_file_) {
      auto reader = arrow::ipc::RecordBatchFileReader::Open(input(), read_options(fields));
      if (!reader.ok()) return damaged(reader.status());
      turns.file = std::move(*reader);
      return {};
    }
    auto reader = arrow::ipc::RecordBatchStreamReader::Open(input(), read_options(fields));
    if (!reader.ok()) return damaged(reader.status());
    turns.stream = std::move(*reader);
    return {};
  }

  Result<std::shared_ptr<arrow::RecordBatch>> take(std::int64_t i, Turns& turns) const {
    std::unique_lock lock(turns.mutex);
    if (turns.file != nullptr) {
      auto batch = turns.file->ReadRecordBatch(static_cast<int>(i));
      if (!batch.ok()) return damaged(batch.status());
      return std::move(*batch);
    }
    turns.advanced.wait(lock, [&] { return turns.next == i; });
    std::shared_ptr<arrow::RecordBatch> batch;
    const arrow::Status status = turns.stream->ReadNext(&batch);
    ++turns.next;
    turns.advanced.notify_all();
    if (!status.ok()) return damaged(status);
    if (batch == nullptr) return damaged(arrow::Status::Invalid("the stream ends early"));
    return batch;
  }

  Result<void> pass_over(std::int64_t i, Turns& turns, Part& part) const {
    ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> rows, take(i, turns));
    part.num_rows = rows->num_rows();
    part.gathered->pass_over(part.num_rows);
    return {};
  }

  Result<void> read(std::int64_t i, Turns& turns, const std::vector<int>& fields, std::span<const ColumnRequest> requests,
                    const table::ScanOptions& options, Part& part) const {
    ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> rows, take(i, turns));
    if (rows->num_columns() != static_cast<int>(fields.size()))
      return damaged(arrow::Status::Invalid("a batch has other columns than the schema"));
    if (const arrow::Status status = rows->ValidateFull(); !status.ok()) return damaged(status);
    std::vector<ArrowColumn> columns(requests.size());
    const std::int64_t step = std::max<std::int64_t>(1, options.batch_rows);
    for (std::int64_t from = 0; from < rows->num_rows(); from += step) {
      table::Batch batch{from, std::min(step, rows->num_rows() - from), {}};
      for (std::size_t c = 0; c < requests.size(); ++c) {
        const auto& field = schema_.fields[static_cast<std::size_t>(requests[c].field)];
        const auto at = static_cast<int>(std::lower_bound(fields.begin(), fields.end(), requests[c].field) - fields.begin());
        const Type wanted = requests[c].as == ColumnRequest::As::text ? Type::text : field.type;
        auto column = columns[c].view(rows->column(at)->Slice(from, batch.num_rows), wanted);
        if (!column) return fail("{}: column '{}': {}", path_, field.name, column.error().message);
        batch.columns.push_back(*column);
      }
      part.gathered->visit(batch);
    }
    part.num_rows = rows->num_rows();
    return {};
  }

  std::shared_ptr<arrow::Buffer> buffer_;
  std::string path_;
  bool is_file_;
  std::int64_t num_batches_ = 0;
  table::Schema schema_;
  std::vector<std::shared_ptr<arrow::DataType>> arrow_types_;
};

}  // namespace

Result<std::unique_ptr<table::BatchSource>> open_ipc_file(std::string_view bytes, const std::string& path, const ReadOptions& options) {
  auto source = std::make_unique<IpcSource>(bytes, path);
  TRY(source->open(options));
  return source;
}

}  // namespace cupel::source
