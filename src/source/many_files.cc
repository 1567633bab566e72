#include "source/many_files.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "source/counts_chunks.h"
#include "source/csv_values.h"
#include "source/file_list.h"
#include "source/origin_note.h"
#include "table/ordered_chunks.h"
#include "table/pruning.h"
#include "table/table.h"

namespace cupel::source {
namespace {

using table::Batch;
using table::Column;
using table::ColumnRequest;
using table::Type;

struct Part {
  ListedFile file;
  std::unique_ptr<table::BatchSource> source;
  std::vector<int> field_of_column;  // of the joined schema's columns; -1: it has none
};

// Where one file supplies a column of the joined table from.
struct Supply {
  enum class Kind { same, integers_as_numbers, constant, nulls } kind = Kind::same;
  int slot = -1;                   // in the file's own requests
  Type type = Type::text;
  const Column* value = nullptr;  // constant: one row
};

// A batch of one file as a batch of the whole: the columns that it has not are nulls or the partition's value.
class JoinedChunk : public table::ChunkVisitor::Chunk {
 public:
  JoinedChunk(std::unique_ptr<Chunk> chunk, const std::vector<Supply>& origins) : chunk_(std::move(chunk)), origins_(&origins), made_(origins.size()) {}

  void visit(const Batch& batch) override {
    joined_.first_row = batch.first_row;
    joined_.num_rows = batch.num_rows;
    joined_.columns.clear();
    for (std::size_t c = 0; c < origins_->size(); ++c) joined_.columns.push_back(column(batch, (*origins_)[c], made_[c]));
    chunk_->visit(joined_);
  }
  void pass_over(std::int64_t num_rows) override { chunk_->pass_over(num_rows); }
  std::unique_ptr<Chunk> take() { return std::move(chunk_); }

 private:
  struct Made {
    std::vector<std::uint8_t> validity;
    std::vector<std::int64_t> values;  // of any type: eight bytes a row
    std::vector<std::int32_t> offsets;
    std::vector<double> numbers;
  };

  static Column column(const Batch& batch, const Supply& origin, Made& made) {
    const auto num_rows = static_cast<std::size_t>(batch.num_rows);
    if (origin.kind == Supply::Kind::same) return batch.columns[static_cast<std::size_t>(origin.slot)];
    if (origin.kind == Supply::Kind::integers_as_numbers) {
      Column column = batch.columns[static_cast<std::size_t>(origin.slot)];
      made.numbers.resize(num_rows);
      for (std::size_t row = 0; row < num_rows; ++row) made.numbers[row] = static_cast<double>(column.integers()[row]);
      column.type = Type::number;
      column.values = made.numbers.data();
      return column;
    }
    Column column;
    column.type = origin.type;
    column.num_rows = batch.num_rows;
    if (origin.kind == Supply::Kind::nulls || origin.value->is_null(0)) {
      made.validity.assign((num_rows + 7) / 8, 0);
      made.values.assign(num_rows, 0);
      made.offsets.assign(num_rows + 1, 0);
      column.validity = made.validity.data();
      column.values = made.values.data();
      column.offsets = made.offsets.data();
      column.bytes = "";
      return column;
    }
    if (origin.type == Type::text) {
      made.offsets.assign(num_rows, 0);  // as codes: the only entry
      column.codes = made.offsets.data();
      column.dictionary = origin.value;
    } else if (origin.type == Type::number) {
      made.numbers.assign(num_rows, origin.value->numbers()[0]);
      column.values = made.numbers.data();
    } else if (origin.type == Type::boolean) {
      made.validity.assign(num_rows, origin.value->booleans()[0]);
      column.values = made.validity.data();
    } else {
      made.values.assign(num_rows, origin.value->integers()[0]);
      column.values = made.values.data();
    }
    return column;
  }

  std::unique_ptr<Chunk> chunk_;
  const std::vector<Supply>* origins_;
  std::vector<Made> made_;
  Batch joined_;
};

struct Nothing : table::ChunkVisitor::Chunk {
  void visit(const Batch&) override {}
  void pass_over(std::int64_t) override {}
};

// Shows the chunks of one file to the visitor of the whole, unless its types turn out wider: then they are only settled.
class PartVisitor : public table::ChunkVisitor {
 public:
  PartVisitor(table::ChunkVisitor& behind, const std::vector<Supply>& origins, std::int64_t first_chunk)
      : behind_(&behind), origins_(&origins), first_chunk_(first_chunk), num_chunks_(0) {}
  std::unique_ptr<Chunk> make_chunk(std::int64_t index) override {
    std::int64_t seen = num_chunks_;
    while (seen <= index && !num_chunks_.compare_exchange_weak(seen, index + 1)) {
    }
    if (restarted_) return std::make_unique<Nothing>();
    return std::make_unique<JoinedChunk>(behind_->make_chunk(first_chunk_ + index), *origins_);
  }
  std::int64_t num_chunks() const { return num_chunks_; }
  void merge(std::unique_ptr<Chunk> chunk, std::int64_t num_rows) override {
    if (!restarted_) behind_->merge(dynamic_cast<JoinedChunk&>(*chunk).take(), num_rows);
  }
  void restart() override { restarted_ = true; }
  bool restarted() const { return restarted_; }

 private:
  table::ChunkVisitor* behind_;
  const std::vector<Supply>* origins_;
  std::int64_t first_chunk_;  // chunks of the files before
  std::atomic<std::int64_t> num_chunks_;
  bool restarted_ = false;
};

// Keeps the chunks of one file until it is its turn.
class KeepingVisitor : public table::ChunkVisitor {
 public:
  KeepingVisitor(table::ChunkVisitor& behind, const std::vector<Supply>& origins, std::int64_t first_chunk) : part_(behind, origins, first_chunk) {}
  std::unique_ptr<Chunk> make_chunk(std::int64_t index) override { return part_.make_chunk(index); }
  void merge(std::unique_ptr<Chunk> chunk, std::int64_t num_rows) override { kept_.emplace_back(std::move(chunk), num_rows); }
  void restart() override {
    part_.restart();
    kept_.clear();
  }
  bool restarted() const { return part_.restarted(); }
  /// Merges what was kept into the whole.
  void pass_on() {
    for (auto& [chunk, num_rows] : kept_) part_.merge(std::move(chunk), num_rows);
    kept_.clear();
  }

 private:
  PartVisitor part_;
  std::vector<std::pair<std::unique_ptr<Chunk>, std::int64_t>> kept_;
};

class ManyFiles : public table::BatchSource {
 public:
  ManyFiles(std::string path, std::string format, std::vector<Part> parts) : path_(std::move(path)), format_(std::move(format)), parts_(std::move(parts)) {}

  Result<void> open(const ReadOptions& options) {
    wants_digest_ = options.digest == ReadOptions::Digest::wanted;
    for (const auto& [key, ignored] : parts_[0].file.partitions) keys_.push_back(key);
    for (const Part& part : parts_) {
      for (const table::Field& field : part.source->schema().fields) {
        if (!schema_.find(field.name) && std::find(keys_.begin(), keys_.end(), field.name) == keys_.end()) schema_.fields.push_back(field);
      }
    }
    num_file_columns_ = schema_.fields.size();
    for (std::size_t k = 0; k < keys_.size(); ++k) TRY(add_partition(k, options));
    for (const table::ColumnBuilder& value : values_) constants_.push_back(value.view());
    for (const table::ColumnBuilder& text : texts_) constants_of_text_.push_back(text.view());
    for (Part& part : parts_) {
      for (std::size_t c = 0; c < num_file_columns_; ++c) part.field_of_column.push_back(part.source->schema().find(schema_.fields[c].name).value_or(-1));
    }
    for (const auto& [name, ignored] : options.types) {
      if (!schema_.find(name)) return table::unknown_column(name, schema_);
    }
    for (std::size_t c = 0; c < num_file_columns_; ++c) TRY(join_types(c));
    return {};
  }

  const table::Schema& schema() const override { return schema_; }

  // A file whose types widen, alone or the whole table's with it, makes all begin anew: types only ever widen, so this ends.
  Result<std::int64_t> scan(std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor, const table::ScanOptions& options) override {
    for (;;) {
      const std::vector<Type> before = types();
      Progress done;
      for (std::size_t i = 0; i < parts_.size();) {
        const std::size_t end = end_of_small(i, options.chunk_bytes);
        TRY(end - i >= 2 ? scan_side_by_side(i, end, requests, visitor, options, done) : scan_one(i, requests, visitor, options, done));
        i = std::max(end, i + 1);
      }
      if (!done.again && types() == before) return done.num_rows;
      visitor.restart();
    }
  }

  Result<BatchSource::Origin> origin() override {
    BatchSource::Origin all{path_, {}, {}};
    add_note(all.note, fmt::format("{} {} file{}", parts_.size(), format_, parts_.size() == 1 ? "" : "s"));
    std::string listed;
    for (const Part& part : parts_) {
      ASSIGN_OR_RETURN(const BatchSource::Origin one, part.source->origin());
      if (&part == &parts_[0]) add_note(all.note, one.note);
      listed += fmt::format("{} {}\n", part.file.name, one.digest);
    }
    if (wants_digest_) {
      Sha256 hash;
      hash.update(listed);
      all.digest = hash.hex_digest();
    }
    return all;
  }

 private:
  /// Of a scan, up to some file.
  struct Progress {
    std::int64_t num_rows = 0;
    std::int64_t num_chunks = 0;
    bool again = false;  ///< the types of a file turned out wider
  };

  // Files of so few chunks are scanned side by side, each by one thread: what their chunks gather waits for its turn.
  static constexpr std::int64_t k_few_chunks = 8;

  /// The first file from `begin` on that is not small.
  std::size_t end_of_small(std::size_t begin, std::int64_t chunk_bytes) const {
    std::size_t end = begin;
    while (end < parts_.size() && most_chunks_of(*parts_[end].source, chunk_bytes).value_or(k_few_chunks + 1) <= k_few_chunks) ++end;
    return end;
  }

  Result<void> scan_one(std::size_t i, std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor, const table::ScanOptions& options, Progress& done) {
    std::vector<ColumnRequest> own;
    const std::vector<Supply> origins = plan(parts_[i], i, requests, own);
    PartVisitor part(visitor, origins, done.num_chunks);
    ASSIGN_OR_RETURN(const std::int64_t rows, parts_[i].source->scan(own, part, options_of(i, options)));
    done.num_rows += rows;
    // The same number in every scan, whatever is left out in it.
    done.num_chunks += most_chunks_of(*parts_[i].source, options.chunk_bytes).value_or(part.num_chunks());
    done.again |= part.restarted();
    for (std::size_t c = 0; c < num_file_columns_; ++c) TRY(join_types(c));
    return {};
  }

  /// The files [begin, end), which know their numbers of chunks.
  Result<void> scan_side_by_side(std::size_t begin, std::size_t end, std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor,
                                 const table::ScanOptions& options, Progress& done) {
    struct File {
      std::vector<ColumnRequest> own;
      std::vector<Supply> origins;
      std::optional<KeepingVisitor> visitor;
      Result<std::int64_t> rows = 0;
      std::exception_ptr thrown{};
    };
    std::vector<File> files(end - begin);
    for (std::size_t k = 0; k < files.size(); ++k) {
      File& file = files[k];
      file.origins = plan(parts_[begin + k], begin + k, requests, file.own);
      file.visitor.emplace(visitor, file.origins, done.num_chunks);
      done.num_chunks += *most_chunks_of(*parts_[begin + k].source, options.chunk_bytes);
    }
    std::optional<Error> error;
    std::exception_ptr thrown;
    table::ordered_chunks(
        static_cast<std::int64_t>(files.size()), options.threads,
        [&](std::int64_t k) {
          File& file = files[static_cast<std::size_t>(k)];
          const std::size_t i = begin + static_cast<std::size_t>(k);
          try {
            table::ScanOptions own = options_of(i, options);
            own.threads = 1;
            own.progress = {};
            file.rows = parts_[i].source->scan(file.own, *file.visitor, own);
          } catch (...) {
            file.thrown = std::current_exception();
          }
        },
        [&](std::int64_t k) {
          File& file = files[static_cast<std::size_t>(k)];
          thrown = file.thrown;
          if (!file.rows) error = file.rows.error();
          if (thrown || error) return false;
          done.num_rows += *file.rows;
          done.again |= file.visitor->restarted();
          file.visitor->pass_on();
          for (std::size_t c = 0; c < num_file_columns_ && !error; ++c) {
            if (auto joined = join_types(c); !joined) error = joined.error();
          }
          if (options.progress) options.progress(begin + static_cast<std::size_t>(k) + 1, parts_.size());
          return !error.has_value();
        });
    if (thrown) std::rethrow_exception(thrown);
    if (error) return tl::unexpected(std::move(*error));
    return {};
  }

  Result<void> add_partition(std::size_t k, const ReadOptions& options) {
    std::uint8_t kinds = k_no_kind;
    for (const Part& part : parts_) {
      if (part.file.partitions[k].second) kinds |= kind_of(*part.file.partitions[k].second);
    }
    const auto stated = options.types.find(keys_[k]);
    const Type type = stated == options.types.end() ? joined_type(kinds) : stated->second;
    schema_.fields.push_back({keys_[k], type});
    for (const Part& part : parts_) {
      const auto& value = part.file.partitions[k].second;
      table::ColumnBuilder& typed = values_.emplace_back(type);
      table::ColumnBuilder& text = texts_.emplace_back(Type::text);
      std::int64_t integer = 0;
      double number = 0;
      bool boolean = false;
      if (!value) {
        typed.append_null();
        text.append_null();
        continue;
      }
      text.append(std::string_view(*value));
      if (type == Type::text) {
        typed.append(std::string_view(*value));
      } else if (type == Type::integer && read_integer(*value, integer)) {
        typed.append(integer);
      } else if (type == Type::number && read_number(*value, number)) {
        typed.append(number);
      } else if (type == Type::boolean && read_boolean(*value, boolean)) {
        typed.append(std::int64_t{boolean});
      } else {
        return fail("'{}' stands below '{}={}', expected the stated type {}", part.file.path, keys_[k], *value, table::type_name(type));
      }
    }
    return {};
  }

  std::vector<Type> types() const {
    std::vector<Type> types;
    for (const table::Field& field : schema_.fields) types.push_back(field.type);
    return types;
  }

  // Integers and numbers join to numbers; what text files hold otherwise, to text.
  Result<void> join_types(std::size_t c) {
    const Part* first = nullptr;
    table::Field joined = schema_.fields[c];
    for (const Part& part : parts_) {
      if (part.field_of_column[c] < 0) continue;
      const table::Field& field = part.source->schema().fields[static_cast<std::size_t>(part.field_of_column[c])];
      if (first == nullptr || joined.no_values) {
        joined = field;
        first = &part;
      } else if (!field.no_values && field.type != joined.type) {
        if (table::is_numeric(field.type) && table::is_numeric(joined.type) && field.type != Type::boolean && joined.type != Type::boolean) {
          joined.type = Type::number;
        } else if (types_are_guessed()) {
          joined.type = Type::text;
        } else {
          return fail("column '{}' is {} in '{}' and {} in '{}', expected one type", field.name, table::type_name(joined.type), first->file.path,
                      table::type_name(field.type), part.file.path);
        }
      }
    }
    joined.first_text.reset();  // its row is that of one file
    schema_.fields[c] = std::move(joined);
    return {};
  }
  bool types_are_guessed() const { return format_ == "CSV" || format_ == "JSON"; }

  std::vector<Supply> plan(const Part& part, std::size_t index, std::span<const ColumnRequest> requests, std::vector<ColumnRequest>& own) const {
    std::vector<Supply> origins;
    for (const ColumnRequest& request : requests) {
      const auto c = static_cast<std::size_t>(request.field);
      const bool as_text = request.as == ColumnRequest::As::text;
      Supply origin;
      origin.type = as_text ? Type::text : schema_.fields[c].type;
      if (c >= num_file_columns_) {
        origin.kind = Supply::Kind::constant;
        const std::size_t at = (c - num_file_columns_) * parts_.size() + index;
        origin.value = as_text ? &constants_of_text_[at] : &constants_[at];
        origins.push_back(origin);
        continue;
      }
      const int field = part.field_of_column[c];
      if (field < 0) {
        origin.kind = Supply::Kind::nulls;
        origins.push_back(origin);
        continue;
      }
      const table::Field& there = part.source->schema().fields[static_cast<std::size_t>(field)];
      origin.slot = static_cast<int>(own.size());
      if (origin.type == Type::number && there.type == Type::integer) origin.kind = Supply::Kind::integers_as_numbers;
      // Asked for as it is, so that a value in a column without any so far shows: its file begins anew, and so does all.
      if (origin.type != there.type && there.no_values) origin.kind = Supply::Kind::nulls;
      const bool written = as_text || (origin.type == Type::text && there.type != Type::text);
      own.push_back({field, written ? ColumnRequest::As::text : ColumnRequest::As::native});
      origins.push_back(origin);
    }
    return origins;
  }

  // What one file can know of a column of the whole: the partition's value, nulls, or its own where that is taken over as it is.
  table::Pruning::Known known_of(std::size_t index, int field) const {
    const auto c = static_cast<std::size_t>(field);
    table::ColumnBounds bounds;
    if (c >= num_file_columns_) {
      const table::ColumnBuilder& value = values_[(c - num_file_columns_) * parts_.size() + index];
      bounds.may_be_null = value.view().is_null(0);
      bounds.may_have_value = !bounds.may_be_null;
      if (bounds.may_be_null) return bounds;
      auto range = std::make_shared<table::ColumnBuilder>(value.type());
      for (int end = 0; end < 2; ++end) range->append_from(value.view(), 0);
      bounds.range = std::move(range);
      return bounds;
    }
    const int own = parts_[index].field_of_column[c];
    if (own < 0) return table::ColumnBounds::all_null();
    if (parts_[index].source->schema().fields[static_cast<std::size_t>(own)].type == schema_.fields[c].type) return own;
    return bounds;
  }

  table::ScanOptions options_of(std::size_t index, const table::ScanOptions& options) const {
    table::ScanOptions own = options;
    if (options.pruning != nullptr) {
      own.pruning = std::make_shared<const table::Pruning>(options.pruning->within([&](int field) { return known_of(index, field); }));
    }
    static constexpr std::uint64_t k_steps = 1000;
    if (options.progress) {
      own.progress = [index, total = parts_.size() * k_steps, &options](std::uint64_t done, std::uint64_t of) {
        options.progress(index * k_steps + (of == 0 ? k_steps : std::min(k_steps, done * k_steps / of)), total);
      };
    }
    return own;
  }

  std::string path_;
  std::string format_;
  std::vector<Part> parts_;
  std::vector<std::string> keys_;
  std::size_t num_file_columns_ = 0;  // the partition keys come behind them
  table::Schema schema_;
  // The value of each key in each file, key by key: with its type, and as written.
  std::vector<table::ColumnBuilder> values_;
  std::vector<table::ColumnBuilder> texts_;
  std::vector<Column> constants_;
  std::vector<Column> constants_of_text_;
  bool wants_digest_ = true;
};

}  // namespace

Result<std::unique_ptr<table::BatchSource>> open_many_files(const std::string& path, const ReadOptions& options, const OpenFile& open_file) {
  ASSIGN_OR_RETURN(std::vector<ListedFile> files, list_files(path));
  // Their lines would be those of many files: what one file leaves out must not go unseen.
  if (options.bad_rows == ReadOptions::BadRowPolicy::report && files.size() > 1) {
    return fail("bad rows are reported of one file, and '{}' is {} files: expected to stop at them", path, files.size());
  }
  std::vector<Part> parts;
  std::string format;
  for (ListedFile& file : files) {
    ReadOptions own = options;
    own.types.clear();
    ASSIGN_OR_RETURN(OpenedFile opened, open_file(file.path, own));
    // Types may be stated for columns that only some files have.
    for (const auto& [name, type] : options.types) {
      if (opened.source->schema().find(name)) own.types[name] = type;
    }
    if (!own.types.empty()) {
      ASSIGN_OR_RETURN(opened, open_file(file.path, own));
    }
    if (!parts.empty() && opened.format != format) {
      return fail("'{}' is {} and '{}' is {}, expected files of one format", parts[0].file.path, format, file.path, opened.format);
    }
    format = opened.format;
    parts.push_back({std::move(file), std::move(opened.source), {}});
  }
  auto many = std::make_unique<ManyFiles>(path, format, std::move(parts));
  TRY(many->open(options));
  return many;
}

}  // namespace cupel::source
