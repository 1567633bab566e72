#include "source/jsonl_source.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_map>

#include "base/invariant.h"
#include "source/byte_stream.h"
#include "source/counts_chunks.h"
#include "source/csv_dialect.h"
#include "source/json_learning.h"
#include "source/json_record_internal.h"
#include "source/origin_note.h"
#include "table/ordered_chunks.h"
#include "table/pruning.h"
#include "table/table.h"

namespace cupel::source {
namespace {

using table::Column;
using table::ColumnRequest;
using table::Type;

// Values of one column of one batch in reused buffers.
class JsonColumn {
 public:
  explicit JsonColumn(Type type) : type_(type) {}

  void start() {
    validity_.clear();
    booleans_.clear();
    integers_.clear();
    numbers_.clear();
    offsets_.assign(1, 0);
    bytes_.clear();
    num_rows_ = num_nulls_ = 0;
  }
  std::int64_t num_rows() const { return num_rows_; }
  std::size_t text_bytes() const { return bytes_.size(); }

  // False: more text than a batch holds.
  bool take(JsonKind kind, std::string_view text) {
    if (kind == JsonKind::null) {
      take_null();
      return true;
    }
    push_validity(true);
    switch (type_) {
      case Type::boolean: booleans_.push_back(text == "true" ? 1 : 0); break;
      case Type::integer: read_integer(text, integers_.emplace_back()); break;
      case Type::number: read_number(text, numbers_.emplace_back()); break;
      default:
        if (bytes_.size() + text.size() > INT32_MAX) return false;
        bytes_ += text;
        offsets_.push_back(static_cast<std::int32_t>(bytes_.size()));
    }
    return true;
  }
  void take_null() {
    push_validity(false);
    ++num_nulls_;
    switch (type_) {
      case Type::boolean: booleans_.push_back(0); break;
      case Type::integer: integers_.push_back(0); break;
      case Type::number: numbers_.push_back(0); break;
      default: offsets_.push_back(offsets_.back());
    }
  }
  Column view() const {
    Column column;
    column.type = type_;
    column.num_rows = num_rows_;
    if (num_nulls_ > 0) column.validity = validity_.data();
    switch (type_) {
      case Type::boolean: column.values = booleans_.data(); break;
      case Type::integer: column.values = integers_.data(); break;
      case Type::number: column.values = numbers_.data(); break;
      default: column.offsets = offsets_.data(); column.bytes = bytes_.data();
    }
    return column;
  }

 private:
  void push_validity(bool present) {
    if (num_rows_ % 8 == 0) validity_.push_back(0);
    validity_.back() |= static_cast<std::uint8_t>((present ? 1U : 0U) << (num_rows_ % 8));
    ++num_rows_;
  }

  Type type_;
  std::int64_t num_rows_ = 0;
  std::int64_t num_nulls_ = 0;
  std::vector<std::uint8_t> validity_;
  std::vector<std::uint8_t> booleans_;
  std::vector<std::int64_t> integers_;
  std::vector<double> numbers_;
  std::vector<std::int32_t> offsets_;
  std::string bytes_;
};

/// The wanted columns of a path, and whether something below it is wanted.
struct Wanted {
  std::vector<int> columns;
  bool below = false;
};

/// By path.
class WantedPaths {
 public:
  void add(const std::string& path, int column) {
    at(path).columns.push_back(column);
    for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', dot + 1)) at(path.substr(0, dot)).below = true;
  }
  /// Its position, or -1.
  int find(std::string_view path) const {
    const auto found = positions_.find(path);
    return found == positions_.end() ? -1 : found->second;
  }
  const Wanted& operator[](int position) const { return wanted_[static_cast<std::size_t>(position)]; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  Wanted& at(const std::string& path) {
    const auto [found, is_new] = positions_.try_emplace(path, static_cast<int>(wanted_.size()));
    if (is_new) wanted_.emplace_back();
    return wanted_[static_cast<std::size_t>(found->second)];
  }
  std::unordered_map<std::string, int, Hash, std::equal_to<>> positions_;
  std::vector<Wanted> wanted_;
};

// A batch's rows, object by object.
class BatchRows {
 public:
  BatchRows(const WantedPaths& paths, const std::vector<Type>& types) : paths_(&paths) {
    for (const Type type : types) columns_.emplace_back(type);
  }

  void start() {
    num_rows_ = 0;
    for (JsonColumn& column : columns_) column.start();
  }
  void finish_row() {
    ++num_rows_;
    for (JsonColumn& column : columns_) {
      if (column.num_rows() < num_rows_) column.take_null();
    }
  }
  std::int64_t num_rows() const { return num_rows_; }
  std::size_t text_bytes() const {
    std::size_t most = 0;
    for (const JsonColumn& column : columns_) most = std::max(most, column.text_bytes());
    return most;
  }
  const std::vector<JsonColumn>& columns() const { return columns_; }

  // What JsonRecordReader asks; a slot is a position among the wanted paths.
  int slot(std::string_view path, std::size_t) const {
    const int position = paths_->find(path);
    return position < 0 || (*paths_)[position].columns.empty() ? -1 : position;
  }
  bool enters(std::string_view path) const {
    const int position = paths_->find(path);
    return position >= 0 && (*paths_)[position].below;
  }
  bool take(int slot, JsonKind kind, std::string_view text) {
    for (const int column : (*paths_)[slot].columns) {
      if (!columns_[static_cast<std::size_t>(column)].take(kind, text)) return false;
    }
    return true;
  }

 private:
  const WantedPaths* paths_;
  std::vector<JsonColumn> columns_;
  std::int64_t num_rows_ = 0;
};

class JsonlSource : public table::BatchSource, public CountsChunks {
 public:
  JsonlSource(FileBytes file, std::string path, const ReadOptions& options)
      : file_(std::move(file)), path_(std::move(path)), wants_digest_(options.digest == ReadOptions::Digest::wanted), digest_(file_) {}

  Result<void> open(JsonRecords::Form form, const ReadOptions& options) {
    ASSIGN_OR_RETURN(note_, fact_beside(path_));
    text_ = file_.bytes();
    const Compression compression = compression_of(text_);
    if (compression != Compression::none) {
      ASSIGN_OR_RETURN(auto stream, stream_file(file_));
      ASSIGN_OR_RETURN(FileBytes content, FileBytes::copy_of(*decompressed(std::move(stream), compression, path_)));
      if (!content.is_whole()) return fail("'{}' holds {} bytes, more than the address space of this process has room for; only CSV is read as a stream", path_, content.size());
      content_ = std::move(content);
      text_ = content_->bytes();
    }
    const std::size_t begin = text_.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    records_.emplace(text_, begin, form);
    if (records_->fault()) return error_of(*records_->fault());
    JsonFacts facts = learn_json(text_, *records_, release());
    if (facts.fault) return error_of(*facts.fault);
    num_rows_ = facts.num_rows;
    for (JsonColumnFacts& column : facts.columns) {
      table::Field field{column.name, joined_type(column.kinds)};
      field.no_values = column.kinds == k_no_kind;
      if (field.type == Type::text && (column.kinds & (k_integer | k_number)) != 0)
        field.first_text = {column.first_other_row, column.first_other};
      schema_.fields.push_back(std::move(field));
    }
    return state_types(options);
  }

  const table::Schema& schema() const override { return schema_; }
  std::optional<std::int64_t> most_chunks(std::int64_t chunk_bytes) const override { return records_->num_parts(chunk_bytes); }
  Result<Origin> origin() override { return Origin{path_, wants_digest_ ? digest_.hex() : std::string(), note_}; }

  Result<std::int64_t> scan(std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor,
                            const table::ScanOptions& options) override;

 private:
  class Scan;

  std::function<void(std::string_view)> release() const {
    if (text_.size() < FileBytes::k_release_from_bytes) return [](std::string_view) {};
    return [this](std::string_view part) { (content_ ? *content_ : file_).release(part); };
  }

  Result<void> state_types(const ReadOptions& options) {
    for (const auto& [name, type] : options.types) {
      const std::optional<int> index = schema_.find(name);
      if (!index) return table::unknown_column(name, schema_);
      table::Field& field = schema_.fields[static_cast<std::size_t>(*index)];
      if (type != field.type && type != Type::text && !(type == Type::number && field.type == Type::integer) && !field.no_values) {
        return fail("{}: column '{}' holds {}, not {}", path_, name, type_name(field.type), type_name(type));
      }
      field.type = type;
    }
    return {};
  }

  // `x.jsonl:3:17: …`: bytes of the line count from 1.
  tl::unexpected<Error> error_of(const JsonFault& fault) const {
    const std::size_t at = std::min(fault.at, text_.size());
    const std::size_t line_break = at == 0 ? std::string_view::npos : text_.rfind('\n', at - 1);
    const std::size_t column = line_break == std::string_view::npos ? at + 1 : at - line_break;
    return fail("{}:{}: {}", line_place(path_, text_, at), column, fault.what);
  }

  FileBytes file_;
  std::string path_;
  std::optional<FileBytes> content_;  // decompressed
  std::string_view text_;
  std::optional<JsonRecords> records_;
  std::string note_;
  table::Schema schema_;
  std::int64_t num_rows_ = 0;
  bool wants_digest_;
  BackgroundDigest digest_;
};

class JsonlSource::Scan {
 public:
  Scan(const JsonlSource& source, std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor, const table::ScanOptions& options)
      : source_(&source), visitor_(&visitor), options_(&options), num_parts_(source.records_->num_parts(options.chunk_bytes)) {
    for (const ColumnRequest& request : requests) {
      CHECK(request.field >= 0 && static_cast<std::size_t>(request.field) < source.schema_.fields.size(), "field {}", request.field);
      const table::Field& field = source.schema_.fields[static_cast<std::size_t>(request.field)];
      paths_.add(field.name, static_cast<int>(types_.size()));
      types_.push_back(request.as == ColumnRequest::As::text ? Type::text : field.type);
    }
    parts_.resize(static_cast<std::size_t>(num_parts_));
    // What a folder knows of the file may rule all of it out; of its own values nothing is known beforehand.
    is_idle_ = options.pruning != nullptr && options.pruning->is_idle([](int) { return table::ColumnBounds{}; });
  }

  Result<std::int64_t> run() {
    std::int64_t num_rows = 0;
    std::optional<JsonFault> fault;
    std::exception_ptr thrown;
    const auto release = source_->release();
    table::ordered_chunks(
        num_parts_, options_->threads, [&](std::int64_t i) { work(i); },
        [&](std::int64_t i) {
          Part part = std::move(parts_[static_cast<std::size_t>(i)]);
          thrown = part.thrown;
          fault = std::move(part.fault);
          if (thrown || fault) return false;
          visitor_->merge(std::move(part.gathered), part.num_rows);
          num_rows += part.num_rows;
          const JsonRecords::Part bytes = source_->records_->part(i, options_->chunk_bytes);
          release(source_->text_.substr(bytes.begin, bytes.end - bytes.begin));
          if (options_->progress) options_->progress(bytes.end, source_->text_.size());
          return true;
        });
    if (thrown) std::rethrow_exception(thrown);
    if (fault) return source_->error_of(*fault);
    return num_rows;
  }

 private:
  struct Part {
    std::unique_ptr<table::ChunkVisitor::Chunk> gathered;
    std::int64_t num_rows = 0;
    std::optional<JsonFault> fault;
    std::exception_ptr thrown{};
  };
  struct Workspace {
    Workspace(const WantedPaths& paths, const std::vector<Type>& types) : rows(paths, types) {}
    JsonRecordReader reader;
    BatchRows rows;
  };

  void work(std::int64_t i) {
    Part& part = parts_[static_cast<std::size_t>(i)];
    try {
      std::unique_ptr<Workspace> space;
      {
        const std::lock_guard lock(mutex_);
        if (!free_.empty()) {
          space = std::move(free_.back());
          free_.pop_back();
        }
      }
      if (space == nullptr) space = std::make_unique<Workspace>(paths_, types_);
      part.gathered = visitor_->make_chunk(i);
      read(i, *space, part);
      const std::lock_guard lock(mutex_);
      free_.push_back(std::move(space));
    } catch (...) {
      part.thrown = std::current_exception();
    }
  }

  void read(std::int64_t i, Workspace& space, Part& part) const {
    const std::string_view text = source_->text_;
    const JsonRecords& records = *source_->records_;
    const JsonRecords::Part bytes = records.part(i, options_->chunk_bytes);
    const auto show = [&] {
      table::Batch batch{part.num_rows, space.rows.num_rows(), {}};
      for (const JsonColumn& column : space.rows.columns()) batch.columns.push_back(column.view());
      if (batch.num_rows > 0) part.gathered->visit(batch);
      part.num_rows += batch.num_rows;
      space.rows.start();
    };
    space.rows.start();
    std::size_t at = bytes.begin;
    while (is_idle_ && records.next(at, bytes)) ++part.num_rows;
    if (is_idle_) return part.gathered->pass_over(part.num_rows);
    while (const auto record = records.next(at, bytes)) {
      const auto begin = static_cast<std::size_t>(record->data() - text.data());
      if (!types_.empty()) {
        if (auto fault = space.reader.read(*record, text.size() - begin - record->size(), space.rows)) {
          part.fault = JsonFault{begin + fault->at, std::move(fault->what)};
          return;
        }
      }
      space.rows.finish_row();
      if (space.rows.num_rows() >= std::max<std::int64_t>(1, options_->batch_rows) || space.rows.text_bytes() >= k_batch_text_bytes) show();
    }
    show();
  }

  static constexpr std::size_t k_batch_text_bytes = 1 << 20;

  const JsonlSource* source_;
  table::ChunkVisitor* visitor_;
  const table::ScanOptions* options_;
  std::int64_t num_parts_;
  WantedPaths paths_;
  std::vector<Type> types_;  // of the requests
  std::vector<Part> parts_;
  bool is_idle_ = false;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> free_;
};

Result<std::int64_t> JsonlSource::scan(std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor,
                                       const table::ScanOptions& options) {
  if (wants_digest_) digest_.start();
  return Scan(*this, requests, visitor, options).run();
}

}  // namespace

Result<std::unique_ptr<table::BatchSource>> open_jsonl(FileBytes file, const std::string& path, JsonRecords::Form form,
                                                       const ReadOptions& options) {
  auto source = std::make_unique<JsonlSource>(std::move(file), path, options);
  TRY(source->open(form, options));
  return source;
}

}  // namespace cupel::source
