#include "cli/failing_rows.h"

#include <algorithm>
#include <memory>

#include "base/files.h"
#include "base/invariant.h"
#include "base/text.h"
#include "source/bad_rows.h"
#include "source/write.h"
#include "table/row_sample.h"
#include "table/table.h"

namespace cupel::cli {
namespace {

using table::Column;
using table::ColumnBuilder;
using table::ColumnRequest;
using table::Expression;
using table::Type;
using BadRow = source::BadRows::Row;

/// The rows of failed expectations, found again chunk by chunk.
class BrokenRows {
 public:
  explicit BrokenRows(const suite::Report& report) : rows_before_(report.rows_before) {
    for (const suite::Outcome& outcome : report.results) {
      if (outcome.verdict != suite::Verdict::fail || outcome.unexpected_rows.empty()) continue;
      broken_.push_back(&outcome);
      starts_.push_back(starts_of(outcome.unexpected_rows));
    }
  }

  /// A row and the position of an expectation that it breaks.
  struct Hit {
    std::int64_t row;
    std::size_t broken;
    auto operator<=>(const Hit&) const = default;
  };

  std::int64_t first_row(std::int64_t chunk) const { return rows_before_[static_cast<std::size_t>(chunk)]; }

  /// Takes the rows of one chunk in their order.
  class Reader {
   public:
    Reader(const BrokenRows& of, std::int64_t chunk) {
      for (const auto& starts : of.starts_) places_.push_back({starts[static_cast<std::size_t>(chunk)]});
    }
    /// Those before the row `end` that were not taken yet, by row and then in the order of the suite.
    void take_before(std::int64_t end, std::vector<Hit>& hits) {
      hits.clear();
      for (std::size_t i = 0; i < places_.size(); ++i) {
        Place& place = places_[i];
        while (place.taken ? place.rows.next(place.row) : place.row >= 0) {
          place.taken = place.row < end;
          if (!place.taken) break;
          hits.push_back({place.row, i});
        }
      }
      std::sort(hits.begin(), hits.end());
    }

   private:
    struct Place {
      states::RowList::Cursor rows;
      std::int64_t row = -1;
      bool taken = true;  ///< `row` was; else it is the next one
    };
    std::vector<Place> places_;
  };
  const std::string& id(std::size_t broken) const { return broken_[broken]->id; }

 private:
  /// Where the rows of each chunk begin.
  std::vector<states::RowList::Cursor> starts_of(const states::RowList& rows) const {
    std::vector<states::RowList::Cursor> starts;
    states::RowList::Cursor at(rows);
    for (const std::int64_t first : rows_before_) {
      std::int64_t row = -1;
      for (states::RowList::Cursor next = at; next.next(row) && row < first;) at = next;
      starts.push_back(at);
    }
    return starts;
  }

  std::span<const std::int64_t> rows_before_;
  std::vector<const suite::Outcome*> broken_;
  std::vector<std::vector<states::RowList::Cursor>> starts_;  // beside broken_, one a chunk
};

std::int64_t text_bytes(const Column& column) {
  if (column.type != table::Type::text || column.num_rows == 0) return 0;
  if (column.codes == nullptr) return column.offsets[column.num_rows] - column.offsets[0];
  std::int64_t bytes = 0;
  for (std::int64_t row = 0; row < column.num_rows; ++row) bytes += column.is_null(row) ? 0 : static_cast<std::int64_t>(column.text(row).size());
  return bytes;
}

/// Copied rows of one chunk for one file, in parts that hold no more text than a column can.
class Copied {
 public:
  struct Part {
    std::vector<ColumnBuilder> columns;
    std::int64_t num_rows = 0;
  };

  /// Makes room for a batch of so much text in one column.
  Part& part_for(std::int64_t bytes, std::span<const table::Type> types) {
    constexpr std::int64_t k_part_bytes = 256 << 20;
    if (parts.empty() || bytes_ + bytes > k_part_bytes) {
      Part& fresh = parts.emplace_back();
      for (const table::Type type : types) fresh.columns.emplace_back(type);
      bytes_ = 0;
    }
    bytes_ += bytes;
    return parts.back();
  }

  std::vector<Part> parts;

 private:
  std::int64_t bytes_ = 0;
};

/// One file: which columns of a batch it takes, behind those that are made for it.
struct Target {
  enum class Rows { clean, failing, failing_with_ids };
  std::string path;
  Rows rows = Rows::clean;
  std::vector<Type> made;  ///< `row`, `ids`; where rows may be unreadable also `line`, `reason`, `text`
  std::vector<int> slots;
  table::Schema schema;  ///< names; types are those of the copied columns
  std::unique_ptr<source::RowWriter> writer;
  std::int64_t num_rows = 0;

  std::size_t num_made() const { return made.size(); }
  bool takes_bad_rows() const { return made.size() > 2; }
  /// Of all columns, the copied ones in a Parquet file as in the source.
  std::vector<Type> types(const table::Schema& source) const;

  Result<void> open(std::span<const ColumnBuilder> columns) {
    for (std::size_t i = 0; i < columns.size(); ++i) schema.fields[i].type = columns[i].type();
    ASSIGN_OR_RETURN(writer, source::RowWriter::open(path, schema));
    return {};
  }
  Result<void> write(const Copied::Part& part) {
    if (!writer) TRY(open(part.columns));
    std::vector<Column> views;
    for (const ColumnBuilder& column : part.columns) views.push_back(column.view());
    num_rows += part.num_rows;
    return writer->append(views, part.num_rows);
  }
};

/// The failing rows of a part with the unreadable ones among them, by place.
class Woven {
 public:
  Woven(const Target& target, const table::Schema& schema) : num_made_(target.num_made()) {
    for (const Type type : target.types(schema)) part.columns.emplace_back(type);
  }

  void add_rows(const Copied::Part& from, std::vector<BadRow>& bad, std::size_t& next) {
    std::vector<Column> columns;
    for (const ColumnBuilder& column : from.columns) columns.push_back(column.view());
    for (std::int64_t row = 0; row < from.num_rows; ++row) {
      while (next < bad.size() && bad[next].before <= columns[0].integers()[row]) add_bad(bad[next++]);
      for (std::size_t c = 0; c < columns.size(); ++c) part.columns[c].append_from(columns[c], row);
      ++part.num_rows;
    }
  }

  /// It has no number: rows count without it.
  void add_bad(const BadRow& row) {
    part.columns[0].append_null();
    part.columns[1].append(k_readable_rows);
    part.columns[2].append(row.line);
    part.columns[3].append(std::string_view(row.reason));
    part.columns[4].append(std::string_view(row.text));
    for (std::size_t c = num_made_; c < part.columns.size(); ++c) part.columns[c].append_null();
    ++part.num_rows;
  }

  Copied::Part part;

 private:
  std::size_t num_made_;
};

class RowDivider : public table::ChunkVisitor {
 public:
  RowDivider(const BrokenRows& broken, std::vector<Target>& targets, const Expression* where, std::vector<int> where_slots, const table::RowSample* sample,
             const table::Schema& schema)
      : broken_(broken), targets_(targets), where_(where), where_slots_(std::move(where_slots)), sample_(sample), schema_(schema) {}

  /// Of the chunk that is merged next.
  void add_bad_row(const BadRow& row) { bad_.push_back(row); }

  class Part : public Chunk {
   public:
    Part(const RowDivider& of, std::int64_t chunk) : of_(of), chunk_(chunk), first_row_(of.broken_.first_row(chunk)), broken_(of.broken_, chunk), copied(of.targets_.size()) {}

    void visit(const table::Batch& batch) override {
      const std::int64_t begin = first_row_ + batch.first_row;
      broken_.take_before(begin + batch.num_rows, hits_);
      failing_.clear();
      for (const auto& hit : hits_) {
        if (failing_.empty() || failing_.back() != hit.row - begin) failing_.push_back(hit.row - begin);
      }
      for (std::size_t i = 0; i < copied.size(); ++i) copy(of_.targets_[i], batch, hits_, copied[i]);
    }

   private:
    void copy(const Target& target, const table::Batch& batch, const std::vector<BrokenRows::Hit>& hits, Copied& into) {
      const std::vector<std::int64_t>& rows = target.rows == Target::Rows::clean ? clean_rows(batch) : failing_;
      if (rows.empty()) return;
      std::int64_t bytes = 0;
      types_ = target.made;
      for (const int slot : target.slots) {
        const Column& column = batch.columns[static_cast<std::size_t>(slot)];
        types_.push_back(column.type);
        bytes = std::max(bytes, text_bytes(column));
      }
      Copied::Part& part = into.part_for(bytes, types_);
      if (target.num_made() > 0) add_ids(hits, target.num_made(), part);
      for (std::size_t c = 0; c < target.slots.size(); ++c) {
        const Column& column = batch.columns[static_cast<std::size_t>(target.slots[c])];
        ColumnBuilder& builder = part.columns[target.num_made() + c];
        for (const std::int64_t row : rows) builder.append_from(column, row);
      }
      part.num_rows += static_cast<std::int64_t>(rows.size());
    }

    void add_ids(const std::vector<BrokenRows::Hit>& hits, std::size_t num_made, Copied::Part& part) {
      std::string ids;
      for (std::size_t i = 0; i < hits.size(); ++i) {
        ids += (ids.empty() ? "" : "; ") + of_.broken_.id(hits[i].broken);
        if (i + 1 < hits.size() && hits[i + 1].row == hits[i].row) continue;
        part.columns[0].append(hits[i].row);
        part.columns[1].append(std::string_view(ids));
        for (std::size_t c = 2; c < num_made; ++c) part.columns[c].append_null();
        ids.clear();
      }
    }

    /// Rows that the check was about and that broke nothing.
    const std::vector<std::int64_t>& clean_rows(const table::Batch& batch) {
      kept_.assign(static_cast<std::size_t>(batch.num_rows), 1);
      if (of_.sample_ != nullptr) of_.sample_->mark(chunk_, batch.first_row, batch.num_rows, kept_.data());
      if (of_.where_ != nullptr) {
        truth_.resize(kept_.size());
        of_.where_->evaluate(batch, of_.where_slots_, truth_.data());
        for (std::size_t i = 0; i < kept_.size(); ++i) kept_[i] &= truth_[i] == Expression::k_true ? 1 : 0;
      }
      for (const std::int64_t row : failing_) kept_[static_cast<std::size_t>(row)] = 0;
      clean_.clear();
      for (std::int64_t row = 0; row < batch.num_rows; ++row) {
        if (kept_[static_cast<std::size_t>(row)] != 0) clean_.push_back(row);
      }
      return clean_;
    }

    const RowDivider& of_;
    std::int64_t chunk_;
    std::int64_t first_row_;
    BrokenRows::Reader broken_;
    std::vector<BrokenRows::Hit> hits_;
    std::vector<std::int64_t> failing_;
    std::vector<std::int64_t> clean_;
    std::vector<std::uint8_t> kept_;
    std::vector<std::uint8_t> truth_;
    std::vector<table::Type> types_;

   public:
    std::vector<Copied> copied;  ///< one a target
  };

  std::unique_ptr<Chunk> make_chunk(std::int64_t index) override { return std::make_unique<Part>(*this, index); }

  void merge(std::unique_ptr<Chunk> chunk, std::int64_t) override {
    auto& part = static_cast<Part&>(*chunk);
    for (std::size_t i = 0; i < targets_.size() && outcome; ++i) {
      const bool weaves = targets_[i].takes_bad_rows() && !bad_.empty();
      outcome = weaves ? write_woven(targets_[i], part.copied[i]) : write_all(targets_[i], part.copied[i]);
    }
    bad_.clear();
  }

  void restart() override {
    bad_.clear();
    for (Target& target : targets_) {
      target.writer.reset();
      target.num_rows = 0;
    }
  }

  Result<void> outcome;  ///< of the first write that failed

 private:
  static Result<void> write_all(Target& target, const Copied& rows) {
    for (const Copied::Part& part : rows.parts) TRY(target.write(part));
    return {};
  }

  Result<void> write_woven(Target& target, const Copied& rows) {
    std::size_t next = 0;
    for (const Copied::Part& part : rows.parts) {
      Woven woven(target, schema_);
      woven.add_rows(part, bad_, next);
      TRY(target.write(woven.part));
    }
    if (next == bad_.size()) return {};
    Woven rest(target, schema_);
    while (next < bad_.size()) rest.add_bad(bad_[next++]);
    return target.write(rest.part);
  }

  const BrokenRows& broken_;
  std::vector<Target>& targets_;
  const Expression* where_;
  std::vector<int> where_slots_;
  const table::RowSample* sample_;
  const table::Schema& schema_;
  std::vector<BadRow> bad_;
};

bool is_parquet(const std::string& path) { return to_lower_ascii(path).ends_with(".parquet"); }

std::vector<Type> Target::types(const table::Schema& source) const {
  std::vector<Type> types = made;
  for (std::size_t i = made.size(); i < schema.fields.size(); ++i) {
    const std::optional<int> field = source.find(schema.fields[i].name);
    types.push_back(field && is_parquet(path) ? source.fields[static_cast<std::size_t>(*field)].type : Type::text);
  }
  return types;
}

/// A name for a column that is made here and must not be one of the source.
std::string free_name(std::string_view name, const table::Schema& schema) {
  std::string free(name);
  while (schema.find(free)) free = "cupel_" + free;
  return free;
}

/// Lists the columns of a file: the key first where it is asked for.
Result<Target> make_target(std::string path, Target::Rows rows, const table::Schema& schema, const std::vector<std::string>& key,
                           bool tells_bad_rows, std::vector<ColumnRequest>& requests) {
  Target target{std::move(path), rows, {}, {}, {}, nullptr, 0};
  std::vector<int> fields;
  if (rows == Target::Rows::failing_with_ids) {
    std::vector<table::Field> made = {{"row", Type::integer}, {"ids", Type::text}};
    if (tells_bad_rows) made.insert(made.end(), {{"line", Type::integer}, {"reason", Type::text}, {"text", Type::text}});
    for (const table::Field& field : made) {
      target.schema.fields.push_back({free_name(field.name, schema), field.type});
      target.made.push_back(field.type);
    }
    for (const std::string& name : key) {
      const std::optional<int> field = schema.find(name);
      if (!field) return table::unknown_column(name, schema);
      fields.push_back(*field);
    }
  }
  for (int field = 0; field < static_cast<int>(schema.fields.size()); ++field) {
    if (std::find(fields.begin(), fields.end(), field) == fields.end()) fields.push_back(field);
  }
  const ColumnRequest::As as = is_parquet(target.path) ? ColumnRequest::As::native : ColumnRequest::As::written;
  for (const int field : fields) {
    const ColumnRequest request{field, as};
    const auto at = std::find(requests.begin(), requests.end(), request);
    target.slots.push_back(static_cast<int>(at - requests.begin()));
    if (at == requests.end()) requests.push_back(request);
    target.schema.fields.push_back({schema.fields[static_cast<std::size_t>(field)].name, table::Type::text});
  }
  return target;
}

Result<void> check_apart(const std::vector<Target>& targets, const std::string& data) {
  for (std::size_t i = 0; i < targets.size(); ++i) {
    std::error_code error;
    if (fs::equivalent(targets[i].path, data, error)) return fail("'{}' is the data itself, expected another file for its rows", data);
    for (std::size_t j = 0; j < i; ++j) {
      if (targets[i].path == targets[j].path) return fail("'{}' is named for two kinds of rows, expected a file for each", targets[i].path);
    }
  }
  return {};
}

/// A file without rows has its header all the same.
Result<void> finish(Target& target, const table::Schema& schema) {
  if (!target.writer) {
    std::vector<ColumnBuilder> columns;
    for (const Type type : target.types(schema)) columns.emplace_back(type);
    TRY(target.open(columns));
  }
  return target.writer->finish();
}

}  // namespace

Result<RowsApart> write_row_files(const suite::Report& report, table::BatchSource& source, const RowFiles& files,
                                  const std::optional<Expression>& where, const table::ScanOptions& scan) {
  using Rows = Target::Rows;
  const table::Schema& schema = source.schema();
  std::vector<ColumnRequest> requests;
  std::vector<Target> targets;
  const std::pair<const std::string&, Rows> wanted[] = {{files.rows, Rows::failing_with_ids}, {files.clean, Rows::clean}, {files.failing, Rows::failing}};
  for (const auto& [path, rows] : wanted) {
    if (path.empty()) continue;
    ASSIGN_OR_RETURN(targets.emplace_back(), make_target(path, rows, schema, files.key, source::bad_rows_of(source) != nullptr, requests));
  }
  TRY(check_apart(targets, report.data.path));
  std::vector<int> where_slots;
  if (where) {
    for (const std::string& name : where->columns()) {
      const std::optional<int> field = schema.find(name);
      if (!field) return table::unknown_column(name, schema);
      where_slots.push_back(static_cast<int>(requests.size()));
      requests.push_back({*field, ColumnRequest::As::native});
    }
  }
  const BrokenRows broken(report);
  RowDivider divider(broken, targets, where ? &*where : nullptr, std::move(where_slots), scan.sample.get(), schema);
  auto* const tells = dynamic_cast<source::TellsBadRows*>(&source);
  if (tells != nullptr) tells->show_bad_rows([&divider](const BadRow& row) { divider.add_bad_row(row); });
  const auto scanned = source.scan(requests, divider, scan);
  if (tells != nullptr) tells->show_bad_rows({});
  TRY(scanned);
  TRY(divider.outcome);
  RowsApart apart;
  if (const source::BadRows* const bad = source::bad_rows_of(source)) apart.unreadable = bad->count;
  for (Target& target : targets) {
    TRY(finish(target, schema));
    if (target.rows == Rows::clean) apart.clean = target.num_rows;
    if (target.rows == Rows::failing) apart.failing = target.num_rows;
  }
  return apart;
}

}  // namespace cupel::cli
