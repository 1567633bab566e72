#include "source/csv_pass.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "base/text.h"
#include "table/ordered_chunks.h"

namespace cupel::source {
namespace {

// Dictionaries stay in the second-level cache, also those of many columns.
constexpr std::size_t k_most_entries = 4096;
constexpr std::size_t k_most_entries_in_all = 1 << 17;

// What one thread needs at a time, used again for the next chunk.
struct Workspace {
  explicit Workspace(const CsvPass& pass) : structure(pass.body.dialect, pass.body.num_fields) {
    const std::size_t most_entries = std::min(k_most_entries, k_most_entries_in_all / std::max<std::size_t>(1, pass.columns.size()));
    for (const CsvColumn& column : pass.columns) readers.emplace_back(column, most_entries);
  }
  CsvStructure structure;
  std::vector<CsvColumnReader> readers;
  table::Batch batch;
};

class WorkspacePool {
 public:
  std::unique_ptr<Workspace> take(const CsvPass& pass) {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        auto workspace = std::move(free_.back());
        free_.pop_back();
        return workspace;
      }
    }
    return std::make_unique<Workspace>(pass);
  }
  void give_back(std::unique_ptr<Workspace> workspace) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(workspace));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> free_;
};

struct ChunkResult {
  std::unique_ptr<table::ChunkVisitor::Chunk> gathered;
  std::int64_t num_rows = 0;
  std::optional<CsvFault> fault;
  std::vector<Misfits> misfits;
  bool widened = false;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_none = false;
  BadRows bad_rows;      // lines and rows count from the chunk's own beginning
  std::int64_t num_lines = 0;   // only where bad rows are reported
};

// Counts lines as the bad rows of a chunk come.
struct LineCursor {
  std::string_view rows;
  std::size_t at = 0;
  std::int64_t lines = 0;
  std::int64_t lines_before(std::size_t to) {
    lines += std::count(rows.begin() + static_cast<std::ptrdiff_t>(at), rows.begin() + static_cast<std::ptrdiff_t>(to), '\n');
    at = to;
    return lines;
  }
};

// A batch has about this many fields or bytes at most: its positions and texts stay in the second-level cache.
constexpr std::int64_t k_batch_fields = 1 << 16;
constexpr std::size_t k_batch_bytes = 128 << 10;

class Pass {
 public:
  Pass(const CsvPass& pass, table::ChunkVisitor& visitor, const table::ScanOptions& options)
      : pass_(pass), visitor_(visitor), options_(options), chunks_(CsvChunks::make(pass.body, options.chunk_bytes)) {
    const auto num_fields = static_cast<std::int64_t>(pass.body.num_fields);
    batch_rows_ = std::clamp<std::int64_t>(k_batch_fields / num_fields, 16, std::max<std::int64_t>(16, options.batch_rows));
    batch_rows_ = std::max<std::int64_t>(1, std::min(batch_rows_, options.batch_rows));
    results_.resize(2 * static_cast<std::size_t>(table::thread_count(options.threads)) + 2);  // as many as are on their way at most
    total_.misfits.resize(pass.columns.size());
  }

  CsvPassResult run() {
    table::ordered_chunks(
        chunks_->num_chunks(), options_.threads, [this](std::int64_t i) { work(i); }, [this](std::int64_t i) { return merge(i); });
    if (thrown_) std::rethrow_exception(thrown_);
    return std::move(total_);
  }

 private:
  ChunkResult& result_of(std::int64_t i) { return results_[static_cast<std::size_t>(i) % results_.size()]; }

  void work(std::int64_t i) {
    ChunkResult& result = result_of(i);
    try {
      const CsvChunks::Chunk chunk = chunks_->find(i);
      result.begin = chunk.begin;
      result.end = chunk.end;
      result.is_none = chunk.is_none;
      if (chunk.fault == CsvChunks::Fault::unclosed_quote && pass_.body.quotes == CsvStructure::Quotes::strict) {
        result.fault = CsvFault{CsvFault::Kind::stray_quote, chunk.fault_at};  // the lenient pass knows better where it opened
        return;
      }
      if (chunk.fault != CsvChunks::Fault::none) result.fault = fault_of(chunk);
      if (chunk.begin == chunk.end) return;
      auto workspace = workspaces_.take(pass_);
      read_chunk(i, chunk, *workspace, result);
      workspaces_.give_back(std::move(workspace));
    } catch (...) {  // no memory, or the visitor's own: thrown again on the caller's thread
      const std::lock_guard lock(thrown_mutex_);
      if (!thrown_) thrown_ = std::current_exception();
    }
  }

  CsvFault fault_of(const CsvChunks::Chunk& chunk) const {
    CsvFault fault{CsvFault::Kind::mistake, chunk.fault_at};
    const std::size_t at = chunk.fault_at - chunk.begin;
    switch (chunk.fault) {
      case CsvChunks::Fault::none: break;
      case CsvChunks::Fault::not_utf8: fault.mistake = not_utf8(chunk.text[at], chunk.fault_at); break;
      case CsvChunks::Fault::nul: fault.mistake = nul_byte(chunk.fault_at, pass_.body.text); break;
      case CsvChunks::Fault::unclosed_quote: fault.mistake = unclosed_quote(); break;
      case CsvChunks::Fault::text_after_quote: fault.mistake = text_after_quote(chunk.text.substr(at)); break;
      case CsvChunks::Fault::too_long: fault.mistake = {pass_.body.open_stream ? "a row of more than 1 GiB" : "a row of more than 2 GiB"}; break;
      case CsvChunks::Fault::unreadable:
        fault.kind = CsvFault::Kind::unreadable;
        fault.error = chunk.error;
        break;
    }
    return fault;
  }

  /// The row that begins at `at` has another number of fields than the header.
  CsvFault ragged_row(const CsvChunks::Chunk& chunk, std::size_t at) const {
    const RecordEnd record = find_record_end(chunk.text, at, pass_.body.dialect);
    if (record.trouble == CsvStructure::Trouble::unclosed_quote) return {CsvFault::Kind::mistake, chunk.begin + record.at, unclosed_quote()};
    if (record.trouble == CsvStructure::Trouble::text_after_quote) {
      return {CsvFault::Kind::mistake, chunk.begin + record.at, text_after_quote(chunk.text.substr(record.at))};
    }
    const std::string_view row = chunk.text.substr(at, record.at - at);
    const std::size_t expected = pass_.body.num_fields;
    std::string what = row.empty() || row == "\r"
                           ? fmt::format("the line is blank, expected {} fields", expected)
                           : fmt::format("the row has {} field{}, expected {}", record.num_fields, record.num_fields == 1 ? "" : "s", expected);
    return {CsvFault::Kind::mistake, chunk.begin + at, {std::move(what)}};
  }

  void read_chunk(std::int64_t index, const CsvChunks::Chunk& chunk, Workspace& space, ChunkResult& result) {
    result.misfits.resize(pass_.columns.size());
    result.gathered = visitor_.make_chunk(index);
    CsvStructure& structure = space.structure;
    const auto end = chunk.ends_text ? CsvStructure::TextEnd::record : CsvStructure::TextEnd::line_break;
    std::size_t begin = 0;  // of the structure's text within the chunk
    structure.start(chunk.rows(), pass_.body.quotes, end);
    LineCursor lines{chunk.rows()};
    // Rows from the one with a bad byte on are not shown to anybody.
    const bool bad_bytes = chunk.fault == CsvChunks::Fault::nul || chunk.fault == CsvChunks::Fault::not_utf8;
    const std::size_t sound_bytes = bad_bytes ? chunk.fault_at - chunk.begin : SIZE_MAX;
    for (;;) {
      const CsvStructure::Trouble trouble = structure.scan(static_cast<std::size_t>(batch_rows_), k_batch_bytes);
      auto num_rows = std::min(batch_rows_, static_cast<std::int64_t>(structure.num_rows()));
      while (num_rows > 0 && begin + structure.ends()[static_cast<std::size_t>(num_rows) * structure.num_fields() - 1] > sound_bytes) --num_rows;
      if (trouble == CsvStructure::Trouble::ragged && num_rows == 0 && structure.num_rows() == 0 && pass_.reports_bad_rows) {
        const std::size_t at = begin + structure.next_row_begin();
        const std::optional<std::size_t> next = pass_over(chunk, at, sound_bytes, lines, result);
        if (!next) break;
        begin = *next;
        structure.start(chunk.rows().substr(begin), pass_.body.quotes, end);
        if (begin >= chunk.rows().size()) break;
        continue;
      }
      if (num_rows == 0 || trouble == CsvStructure::Trouble::stray_quote) {
        if (trouble != CsvStructure::Trouble::none) note_trouble(trouble, chunk, begin + structure.next_row_begin(), result);
        break;
      }
      if (pass_.reports_bad_rows && has_bad_values(num_rows, space, result)) {
        read_around_bad_values(num_rows, chunk, begin, space, lines, result);
        continue;
      }
      if (!read_batch(num_rows, chunk.begin + begin, space, result)) return;
      structure.drop_rows(static_cast<std::size_t>(num_rows));
      result.num_rows += num_rows;
    }
    if (pass_.reports_bad_rows) result.num_lines = lines.lines_before(chunk.rows().size());
  }

  /// Reports the ragged row that begins at `at` and answers where the next one begins. Nothing: the fault is of another kind.
  std::optional<std::size_t> pass_over(const CsvChunks::Chunk& chunk, std::size_t at, std::size_t sound_bytes, LineCursor& lines, ChunkResult& result) const {
    const RecordEnd record = find_record_end(chunk.text, at, pass_.body.dialect);
    if (record.at > sound_bytes) return std::nullopt;  // the bad byte is told
    if (record.trouble != CsvStructure::Trouble::none) {
      note_trouble(CsvStructure::Trouble::ragged, chunk, at, result);
      return std::nullopt;
    }
    const std::size_t to = std::min(record.at, chunk.rows().size());
    report_bad_row(chunk.rows().substr(at, to - at), ragged_row(chunk, at).mistake.what, lines.lines_before(at), result);
    return std::min(to + 1, chunk.rows().size());
  }

  void report_bad_row(std::string_view row, std::string reason, std::int64_t line, ChunkResult& result) const {
    BadRows& bad = result.bad_rows;
    const bool all = static_cast<bool>(pass_.show_bad_row);
    ++bad.count;
    if (bad.rows.size() >= BadRows::k_listed && !all) return;
    if (row.ends_with('\n')) row.remove_suffix(1);
    if (row.ends_with('\r')) row.remove_suffix(1);
    bad.rows.push_back({line, result.num_rows, all ? std::string(row) : shorten(row, BadRows::k_text_bytes), std::move(reason)});
  }

  /// Does a stated column have a value that does not fit?
  static bool has_bad_values(std::int64_t num_rows, Workspace& space, ChunkResult& result) {
    const CsvRows rows{&space.structure, num_rows, result.num_rows};
    bool bad = false;
    for (std::size_t c = 0; c < space.readers.size(); ++c) {
      if (space.readers[c].column().reading == CsvColumn::Reading::stated) bad |= space.readers[c].read(rows, result.misfits[c]).has_value();
    }
    return bad;
  }

  /// Shows the sound rows among these in runs, and reports the others.
  void read_around_bad_values(std::int64_t num_rows, const CsvChunks::Chunk& chunk, std::size_t begin, Workspace& space, LineCursor& lines,
                              ChunkResult& result) {
    std::map<std::int64_t, std::string> reasons;
    const CsvRows rows{&space.structure, num_rows, result.num_rows};
    for (std::size_t c = 0; c < space.readers.size(); ++c) {
      const CsvColumnReader& reader = space.readers[c];
      if (reader.column().reading != CsvColumn::Reading::stated) continue;
      for (const std::int64_t row : reader.bad_rows()) {
        std::optional<CsvFault> bad;
        note_bad_value(rows, row, static_cast<int>(c), 0, reader.column(), bad);
        const table::Field& field = pass_.schema->fields[static_cast<std::size_t>(reader.column().field)];
        reasons.emplace(row, fmt::format("column '{}' holds '{}', expected the stated type {}", field.name, shorten(bad->value, 60), table::type_name(field.type)));
      }
    }
    CsvStructure& structure = space.structure;
    const auto show = [&](std::int64_t count) {
      if (count == 0) return;
      read_batch(count, chunk.begin + begin, space, result);
      structure.drop_rows(static_cast<std::size_t>(count));
      result.num_rows += count;
    };
    std::int64_t done = 0;
    for (auto& [row, reason] : reasons) {
      show(row - done);
      const std::size_t from = begin + static_cast<std::uint32_t>(structure.ends()[-1] + 1U);
      const std::size_t to = begin + structure.ends()[structure.num_fields() - 1];
      report_bad_row(chunk.rows().substr(from, to - from), std::move(reason), lines.lines_before(from), result);
      structure.drop_rows(1);
      done = row + 1;
    }
    show(num_rows - done);
  }

  // False: a stated column has a value that does not fit.
  bool read_batch(std::int64_t num_rows, std::size_t chunk_begin, Workspace& space, ChunkResult& result) {
    const CsvRows rows{&space.structure, num_rows, result.num_rows};
    if (widened_ && !result.widened) result.widened = true;
    std::optional<CsvFault> bad;
    for (std::size_t c = 0; c < space.readers.size(); ++c) {
      CsvColumnReader& reader = space.readers[c];
      const bool stated = reader.column().reading == CsvColumn::Reading::stated;
      if (result.widened && !stated) {
        reader.note_kinds(rows, result.misfits[c]);
        continue;
      }
      const std::optional<std::int64_t> row = reader.read(rows, result.misfits[c]);
      if (row) note_bad_value(rows, *row, static_cast<int>(c), chunk_begin, reader.column(), bad);
      if (widens(reader.column(), result.misfits[c])) result.widened = true;
    }
    if (bad) {
      const std::size_t at = bad->at;
      keep_first(std::move(*bad), at, result);
      return false;
    }
    if (result.widened) {
      widened_ = true;
      return true;
    }
    table::Batch& batch = space.batch;
    batch.first_row = result.num_rows;
    batch.num_rows = num_rows;
    batch.columns.clear();
    for (const int column : pass_.column_of_request) batch.columns.push_back(space.readers[static_cast<std::size_t>(column)].view());
    result.gathered->visit(batch);
    return true;
  }

  static void note_bad_value(const CsvRows& rows, std::int64_t row, int index, std::size_t chunk_begin, const CsvColumn& column,
                             std::optional<CsvFault>& bad) {
    const CsvStructure& structure = *rows.structure;
    const auto first = static_cast<std::ptrdiff_t>(static_cast<std::size_t>(row) * structure.num_fields());
    const std::size_t row_begin = static_cast<std::uint32_t>(structure.ends()[first - 1] + 1U);
    if (bad && bad->at <= chunk_begin + row_begin) return;
    const std::size_t from = static_cast<std::uint32_t>(structure.ends()[first + column.field - 1] + 1U);
    std::string scratch;
    std::string_view field = structure.text().substr(from, structure.ends()[first + column.field] - from);
    if (field.ends_with('\r')) field.remove_suffix(1);
    bad = CsvFault{CsvFault::Kind::bad_value, chunk_begin + row_begin, {}, index, std::string(field_content(field, scratch, structure.dialect().quote))};
  }

  void note_trouble(CsvStructure::Trouble trouble, const CsvChunks::Chunk& chunk, std::size_t row_begin, ChunkResult& result) const {
    using Trouble = CsvStructure::Trouble;
    switch (trouble) {
      case Trouble::none: return;
      case Trouble::ragged: return keep_first(ragged_row(chunk, row_begin), chunk.begin + row_begin, result);
      case Trouble::stray_quote:  // whatever else seems wrong here may come from reading quotes too strictly
        result.fault = CsvFault{CsvFault::Kind::stray_quote, chunk.begin + row_begin};
        return;
      case Trouble::text_after_quote:
      case Trouble::unclosed_quote: return;  // the chunk knows already, and where
    }
  }

  /// `at`: where the row of the fault begins, or its byte.
  static void keep_first(CsvFault fault, std::size_t at, ChunkResult& result) {
    if (!result.fault || at < result.fault->at) result.fault = std::move(fault);
  }

  // In row order, on one thread. False: stop.
  bool merge(std::int64_t i) {
    ChunkResult result = std::exchange(result_of(i), ChunkResult{});
    {
      const std::lock_guard lock(thrown_mutex_);
      if (thrown_) return false;
    }
    if (result.is_none) return false;
    take_bad_rows(result);
    for (std::size_t c = 0; c < result.misfits.size(); ++c) {
      const Misfits& from = result.misfits[c];
      Misfits& to = total_.misfits[c];
      to.kinds |= from.kinds;
      if (to.first_row < 0 && from.first_row >= 0) {
        to.first_row = total_.num_rows + from.first_row;
        to.first_value = from.first_value;
      }
    }
    total_.widened |= result.widened;
    if (result.fault) {
      total_.fault = std::move(result.fault);
      return false;
    }
    if (total_.widened && all_are_text()) return false;
    if (result.gathered && !total_.widened) visitor_.merge(std::move(result.gathered), result.num_rows);
    total_.num_rows += result.num_rows;
    if (pass_.release && result.end > result.begin) pass_.release(pass_.body.text.substr(result.begin, result.end - result.begin));
    if (options_.progress) options_.progress(std::min(chunks_->stretch_end(i), pass_.total_bytes), pass_.total_bytes);
    return true;
  }

  void take_bad_rows(ChunkResult& result) {
    total_.bad_rows.count += result.bad_rows.count;
    for (BadRows::Row& row : result.bad_rows.rows) {
      const bool is_listed = total_.bad_rows.rows.size() < BadRows::k_listed;
      if (!is_listed && !pass_.show_bad_row) break;
      row.line += pass_.lines_before + num_lines_ + 1;
      row.before += total_.num_rows;
      if (pass_.show_bad_row) {
        if (!total_.widened) pass_.show_bad_row(row);
        row.text = shorten(row.text, BadRows::k_text_bytes);
      }
      if (is_listed) total_.bad_rows.rows.push_back(std::move(row));
    }
    num_lines_ += result.num_lines;
  }

  bool all_are_text() const {
    for (std::size_t c = 0; c < pass_.columns.size(); ++c) {
      if (pass_.columns[c].reading == CsvColumn::Reading::guessed && (total_.misfits[c].kinds & k_other) == 0) return false;
    }
    return true;
  }

  const CsvPass& pass_;
  table::ChunkVisitor& visitor_;
  const table::ScanOptions& options_;
  std::unique_ptr<CsvChunks> chunks_;
  std::int64_t batch_rows_ = 1;
  WorkspacePool workspaces_;
  std::vector<ChunkResult> results_;
  CsvPassResult total_;
  std::int64_t num_lines_ = 0;  // of the merged chunks
  std::atomic<bool> widened_{false};
  std::mutex thrown_mutex_;
  std::exception_ptr thrown_;
};

}  // namespace

bool widens(const CsvColumn& column, const Misfits& misfits) {
  if (column.reading != CsvColumn::Reading::guessed || misfits.kinds == k_no_kind) return false;
  return column.type != table::Type::text || joined_type(misfits.kinds) != table::Type::text;
}

CsvPassResult run_csv_pass(const CsvPass& pass, table::ChunkVisitor& visitor, const table::ScanOptions& options) {
  return Pass(pass, visitor, options).run();
}

}  // namespace cupel::source
