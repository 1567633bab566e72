#include "source/csv_source.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"
#include "base/text.h"
#include "source/bad_rows.h"
#include "source/byte_stream.h"
#include "source/csv_dialect.h"
#include "source/counts_chunks.h"
#include "source/csv_pass.h"
#include "source/encoding.h"
#include "source/origin_note.h"

namespace cupel::source {
namespace {

using table::ColumnRequest;
using table::Field;
using table::Type;

constexpr std::size_t k_sample_bytes = 64 << 10;
constexpr std::size_t k_sample_rows = 1000;
constexpr std::size_t k_first_part_bytes = 1 << 20;
constexpr std::size_t k_most_first_part_bytes = 256 << 20;

// What the values of a column showed so far.
struct Guess {
  std::uint8_t kinds = k_no_kind;
  bool stated = false;
};

// Counts the kinds of one column over the first rows.
class FirstRows {
 public:
  void add(std::string_view content, std::int64_t row) {
    const ValueKinds kind = kind_of(content);
    kinds_ |= kind;
    if ((kind & (k_integer | k_number)) != 0) {
      ++num_numeric_;
      return;
    }
    if (num_other_++ == 0) {
      first_ = {row, std::string(content)};
    } else {
      all_alike_ = all_alike_ && content == first_.value;
    }
  }
  std::uint8_t kinds() const { return kinds_; }
  // Worth telling when numbers are the rule, or when one word alone stands between the column and numbers.
  std::optional<Field::Example> first_text() const {
    if (num_other_ == 0 || num_numeric_ == 0 || (num_numeric_ < num_other_ && !all_alike_)) return std::nullopt;
    return first_;
  }

 private:
  std::uint8_t kinds_ = k_no_kind;
  std::int64_t num_numeric_ = 0;
  std::int64_t num_other_ = 0;
  bool all_alike_ = true;
  Field::Example first_;
};

class CsvSource : public table::BatchSource, public CountsChunks, public TellsBadRows {
 public:
  CsvSource(FileBytes file, std::string path, const ReadOptions& options)
      : file_(std::move(file)), path_(std::move(path)), wants_digest_(options.digest == ReadOptions::Digest::wanted), digest_(file_) {}

  Result<void> open(const ReadOptions& options) {
    ASSIGN_OR_RETURN(note_, fact_beside(path_));
    TRY(open_text(options));
    const std::size_t begin = body_.text.starts_with("\xef\xbb\xbf") ? 3 : 0;
    if (begin == body_.text.size()) return fail("{} is empty, expected a header line", path_);
    find_dialect(options, begin);
    const CsvHeaderOptions header_options{options.header_line, options.names, options.repeated_names == ReadOptions::RepeatedNames::number};
    ASSIGN_OR_RETURN(CsvHeader header, read_csv_header(body_.text, begin, body_.dialect, header_options, path_, note_));
    reports_bad_rows_ = options.bad_rows == ReadOptions::BadRowPolicy::report;
    lines_before_ = std::count(body_.text.begin(), body_.text.begin() + static_cast<std::ptrdiff_t>(header.body), '\n');
    body_.begin = header.body;
    if (text_.empty() || text_is_whole_) body_.end = end_of_rows(body_.text, header.body);
    body_.num_fields = header.names.size();
    for (std::string& name : header.names) schema_.fields.push_back({std::move(name), Type::text});
    guesses_.resize(schema_.fields.size());
    TRY(find_nulls(options));
    guess_types();
    for (const auto& [name, type] : options.types) {
      const std::optional<int> field = schema_.find(name);
      if (!field) return table::unknown_column(name, schema_);
      schema_.fields[static_cast<std::size_t>(*field)].type = type;
      schema_.fields[static_cast<std::size_t>(*field)].first_text.reset();
      schema_.fields[static_cast<std::size_t>(*field)].no_values = false;
      guesses_[static_cast<std::size_t>(*field)].stated = true;
    }
    return {};
  }

  const table::Schema& schema() const override { return schema_; }

  Result<std::int64_t> scan(std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor,
                            const table::ScanOptions& options) override {
    if (wants_digest_) digest_.start();
    for (;;) {
      const CsvPass pass = plan(requests);
      CsvPassResult result = run_csv_pass(pass, visitor, options);
      if (result.fault && result.fault->kind != CsvFault::Kind::stray_quote) return error_of(pass, *result.fault);
      if (result.fault) {
        body_.quotes = CsvStructure::Quotes::lenient;
      } else if (result.widened) {
        widen(pass, result.misfits);
      } else {
        bad_rows_ = std::move(result.bad_rows);
        return result.num_rows;
      }
      visitor.restart();
    }
  }

  /// A stream has as many as it turns out to have.
  std::optional<std::int64_t> most_chunks(std::int64_t chunk_bytes) const override {
    if (body_.open_stream) return std::nullopt;
    const auto bytes = static_cast<std::int64_t>(body_.end - body_.begin);
    return bytes / std::max<std::int64_t>(1, chunk_bytes) + 1;
  }

  const BadRows* bad_rows() const override { return reports_bad_rows_ ? &bad_rows_ : nullptr; }
  void show_bad_rows(std::function<void(const BadRows::Row& row)> show) override { show_bad_row_ = std::move(show); }

  Result<Origin> origin() override { return Origin{path_, wants_digest_ ? digest_.hex() : std::string(), note_}; }

 private:
  // The text in UTF-8: the file's own bytes where nothing has to be changed; otherwise in memory if it is small, and else a stream of which
  // the first part is held.
  Result<void> open_text(const ReadOptions& options) {
    const Compression compression = compression_of(file_.bytes());
    const bool as_it_is = file_.is_whole() && compression == Compression::none && options.in_memory_bytes > 0;
    const auto open_bytes = [this, compression]() -> Result<std::unique_ptr<ByteStream>> {
      ASSIGN_OR_RETURN(auto stream, stream_file(file_));
      return decompressed(std::move(stream), compression, path_);
    };
    std::string first;
    if (!as_it_is) {
      ASSIGN_OR_RETURN(const auto stream, open_bytes());
      ASSIGN_OR_RETURN(first, read_up_to(*stream, 4));
    }
    const std::string_view start = as_it_is ? file_.bytes() : std::string_view(first);
    Encoding encoding = detect_encoding(start);
    if (options.encoding) {
      ASSIGN_OR_RETURN(encoding, parse_encoding(*options.encoding, start));
    }
    if (encoding != Encoding::utf8) add_note(note_, fmt::format("read as {}", encoding_name(encoding)));
    if (as_it_is && encoding == Encoding::utf8) {
      body_.text = file_.bytes();
      body_.end = body_.text.size();
      return {};
    }
    body_.open_stream = [this, open_bytes, encoding]() -> Result<std::unique_ptr<ByteStream>> {
      ASSIGN_OR_RETURN(auto stream, open_bytes());
      return recoded(std::move(stream), encoding, path_);
    };
    is_plain_stream_ = compression == Compression::none && encoding == Encoding::utf8;
    return read_first_part(options);
  }

  Result<void> read_first_part(const ReadOptions& options) {
    const bool small = options.in_memory_bytes > 0 && file_.is_whole() && file_.size() <= options.in_memory_bytes;
    for (std::size_t wanted = small ? options.in_memory_bytes : k_first_part_bytes;; wanted *= 4) {
      ASSIGN_OR_RETURN(const auto stream, body_.open_stream());
      ASSIGN_OR_RETURN(text_, read_up_to(*stream, wanted));
      char more = 0;
      ASSIGN_OR_RETURN(const std::size_t follows, stream->read({&more, 1}));
      text_is_whole_ = follows == 0;
      if (text_is_whole_ && small) body_.open_stream = nullptr;
      // The header must be there.
      if (text_is_whole_ || wanted >= k_most_first_part_bytes || text_.find('\n') < text_.size() / 2) break;
    }
    if (!text_is_whole_ && text_.size() > k_first_part_bytes && text_.find('\n') < k_first_part_bytes / 2) {
      text_.resize(k_first_part_bytes);
      text_.shrink_to_fit();
    }
    body_.text = text_;
    body_.end = text_.size();
    return {};
  }

  void find_dialect(const ReadOptions& options, std::size_t begin) {
    const bool prefer_tab = to_lower_ascii(path_).find(".tsv") != std::string::npos;
    std::string_view rows = body_.text.substr(begin);
    // Lines before the header are text of any kind.
    for (int line = 1; line < options.header_line && !rows.empty(); ++line) rows.remove_prefix(std::min(rows.find('\n'), rows.size() - 1) + 1);
    body_.dialect.quote = options.quote ? *options.quote : options.delimiter ? '"' : detect_quote(rows, prefer_tab);
    if (!options.quote && body_.dialect.quote != '"') add_note(note_, "fields are quoted by '");
    if (options.delimiter) {
      body_.dialect.delimiter = *options.delimiter;
      return;
    }
    body_.dialect.delimiter = detect_delimiter(rows, prefer_tab, body_.dialect.quote);
    if (body_.dialect.delimiter != ',') add_note(note_, "fields end with " + delimiter_name(body_.dialect.delimiter));
  }

  Result<void> find_nulls(const ReadOptions& options) {
    nulls_.emplace_back(options.nulls, body_.dialect.quote);
    null_words_.assign(schema_.fields.size(), 0);
    for (const auto& [name, words] : options.column_nulls) {
      const std::optional<int> field = schema_.find(name);
      if (!field) return table::unknown_column(name, schema_);
      std::vector<std::string> all = options.nulls;
      all.insert(all.end(), words.begin(), words.end());
      null_words_[static_cast<std::size_t>(*field)] = nulls_.size();
      nulls_.emplace_back(all, body_.dialect.quote);
    }
    return {};
  }

  // A row is bad whichever columns are wanted: those with a stated type are read in any case.
  void read_stated_columns(CsvPass& pass) const {
    for (std::size_t field = 0; field < guesses_.size(); ++field) {
      if (!guesses_[field].stated || schema_.fields[field].type == Type::text) continue;
      pass.columns.push_back(column_for({static_cast<int>(field), ColumnRequest::As::native}));
    }
  }

  // Kinds of the values of the first rows; later rows may widen them.
  void guess_types() {
    std::size_t end = body_.begin;
    const std::size_t most = std::min(body_.end, body_.begin + k_sample_bytes);
    while (end < most) {
      const RecordEnd record = find_record_end(body_.text.substr(0, body_.end), end, body_.dialect);
      if (record.trouble != CsvStructure::Trouble::none) break;
      if (record.at > most && end > body_.begin) break;
      end = std::min(record.at + 1, body_.end);
    }
    CsvStructure structure(body_.dialect, body_.num_fields);
    structure.start(body_.text.substr(body_.begin, end - body_.begin), CsvStructure::Quotes::lenient,
                    end == body_.end ? CsvStructure::TextEnd::record : CsvStructure::TextEnd::line_break);
    structure.scan(k_sample_rows);
    for (std::size_t field = 0; field < body_.num_fields; ++field) guess_type(structure, field);
  }

  void guess_type(const CsvStructure& structure, std::size_t field) {
    FirstRows first;
    std::string scratch;
    for (std::size_t row = 0; row < structure.num_rows(); ++row) {
      const std::uint32_t* const end = structure.ends() + row * body_.num_fields + field;
      const std::size_t from = static_cast<std::uint32_t>(end[-1] + 1U);
      std::string_view written = structure.text().substr(from, *end - from);
      if (field + 1 == body_.num_fields && written.ends_with('\r')) written.remove_suffix(1);
      if (!nulls_[null_words_[field]].contains(written)) first.add(field_content(written, scratch, body_.dialect.quote), static_cast<std::int64_t>(row));
    }
    guesses_[field].kinds = first.kinds();
    schema_.fields[field].type = joined_type(first.kinds());
    schema_.fields[field].no_values = first.kinds() == k_no_kind;
    if (schema_.fields[field].type == Type::text) schema_.fields[field].first_text = first.first_text();
  }

  CsvPass plan(std::span<const ColumnRequest> requests) const {
    CsvPass pass;
    pass.body = body_;
    pass.reports_bad_rows = reports_bad_rows_;
    pass.lines_before = lines_before_;
    pass.show_bad_row = show_bad_row_;
    pass.schema = &schema_;
    if (reports_bad_rows_) read_stated_columns(pass);
    for (const ColumnRequest& request : requests) {
      CHECK(request.field >= 0 && static_cast<std::size_t>(request.field) < schema_.fields.size(), "field {}", request.field);
      const CsvColumn column = column_for(request);
      const auto same = std::find_if(pass.columns.begin(), pass.columns.end(), [&](const CsvColumn& other) {
        return other.field == column.field && other.type == column.type && other.reading == column.reading;
      });
      pass.column_of_request.push_back(static_cast<int>(same - pass.columns.begin()));
      if (same == pass.columns.end()) pass.columns.push_back(column);
    }
    pass.total_bytes = !body_.open_stream ? body_.end : is_plain_stream_ ? file_.size() : 0;
    if (text_.empty() && body_.text.size() >= FileBytes::k_release_from_bytes) pass.release = [this](std::string_view part) { file_.release(part); };
    return pass;
  }

  CsvColumn column_for(const ColumnRequest& request) const {
    using Reading = CsvColumn::Reading;
    const auto field = static_cast<std::size_t>(request.field);
    const Guess& guess = guesses_[field];
    const Type type = schema_.fields[field].type;
    const NullWords* const nulls = &nulls_[null_words_[field]];
    if (request.as == ColumnRequest::As::text) return {request.field, Type::text, Reading::text, nulls};
    if (request.as == ColumnRequest::As::written) {
      static const NullWords k_only_empty({""});
      return {request.field, Type::text, Reading::written, &k_only_empty};
    }
    if (guess.stated) return {request.field, type, type == Type::text ? Reading::text : Reading::stated, nulls};
    // Text is the widest type: nothing is left to guess, unless there was no value yet.
    if (type == Type::text && guess.kinds != k_no_kind) return {request.field, type, Reading::text, nulls};
    return {request.field, type, Reading::guessed, nulls};
  }

  void widen(const CsvPass& pass, const std::vector<Misfits>& misfits) {
    for (std::size_t c = 0; c < pass.columns.size(); ++c) {
      const auto index = static_cast<std::size_t>(pass.columns[c].field);
      if (!widens(pass.columns[c], misfits[c])) continue;
      Guess& guess = guesses_[index];
      Field& field = schema_.fields[index];
      guess.kinds |= misfits[c].kinds;
      field.type = joined_type(guess.kinds);
      field.no_values = guess.kinds == k_no_kind;
      const bool has_numbers = (guess.kinds & (k_integer | k_number)) != 0;
      if (field.type == Type::text && has_numbers && misfits[c].first_row >= 0) {
        field.first_text = Field::Example{misfits[c].first_row, misfits[c].first_value};
      }
    }
  }

  tl::unexpected<Error> error_of(const CsvPass& pass, const CsvFault& fault) const {
    if (fault.error) return tl::unexpected(*fault.error);
    const std::string place = place_of(fault.at);
    if (fault.kind != CsvFault::Kind::bad_value) return fail_at(place, fault.mistake);
    const Field& field = schema_.fields[static_cast<std::size_t>(pass.columns[static_cast<std::size_t>(fault.column)].field)];
    return fail("{}: column '{}' holds '{}', expected the stated type {}", place, field.name, shorten(fault.value, 60), type_name(field.type));
  }

  std::string place_of(std::size_t at) const {
    if (!body_.open_stream) return line_place(path_, body_.text, at);
    // The lines before are read once more: nobody counted them.
    std::int64_t line = 1;
    const auto stream = body_.open_stream();
    std::vector<char> buffer(1 << 20);
    while (stream && at > 0) {
      const auto got = (*stream)->read(std::span(buffer).first(std::min(at, buffer.size())));
      if (!got || *got == 0) break;
      line += std::count(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*got), '\n');
      at -= *got;
    }
    return fmt::format("{}:{}", path_, line);
  }

  FileBytes file_;
  std::string path_;
  std::string text_;  // decompressed or recoded: all of it, or the first part of a stream
  bool text_is_whole_ = false;
  bool is_plain_stream_ = false;
  CsvBody body_;
  std::vector<NullWords> nulls_;         // the first for columns without words of their own
  std::vector<std::size_t> null_words_;  // which of them each column has
  bool reports_bad_rows_ = false;
  std::int64_t lines_before_ = 0;
  BadRows bad_rows_;
  std::function<void(const BadRows::Row& row)> show_bad_row_;
  std::string note_;
  table::Schema schema_;
  std::vector<Guess> guesses_;
  bool wants_digest_;
  BackgroundDigest digest_;
};

}  // namespace

Result<std::unique_ptr<table::BatchSource>> open_csv(FileBytes file, const std::string& path, const ReadOptions& options) {
  const std::string name = path == "-" ? "standard input" : path;
  auto source = std::make_unique<CsvSource>(std::move(file), name, options);
  TRY(source->open(options));
  return source;
}

}  // namespace cupel::source
