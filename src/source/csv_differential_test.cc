// Random clean and dirty CSV against a slow parser that is written from the rules in read.h alone, cut into chunks of every size.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/random.h"
#include "base/text.h"
#include "source/bad_rows.h"
#include "source/read.h"

namespace cupel::source {
namespace {

using Row = std::vector<std::optional<std::string>>;

struct Reference {
  std::vector<std::string> names;
  std::vector<Row> rows;
  std::string error;  // without the path
  std::vector<long> bad_lines;  // of rows with another number of fields, where they are reported
};

// One character at a time.
class SlowParser {
 public:
  SlowParser(std::string text, char delimiter, bool reports_bad_rows = false)
      : text_(std::move(text)), delimiter_(delimiter), reports_bad_rows_(reports_bad_rows) {}

  Reference parse() {
    Reference result;
    Row header = record(result);
    if (!result.error.empty()) return result;
    for (std::size_t i = 0; i < header.size(); ++i) result.names.push_back(header[i] ? *header[i] : fmt::format("unnamed_{}", i));
    // Blank lines at the end do not count, nor does the line break before them.
    while (text_.size() > at_ && text_.back() == '\n') {
      text_.pop_back();
      if (text_.size() > at_ && text_.back() == '\r') text_.pop_back();
    }
    while (at_ < text_.size()) {
      const std::size_t begin = at_;
      Row row = record(result);
      if (!result.error.empty()) return result;
      if (row.size() != result.names.size() && reports_bad_rows_) {
        result.bad_lines.push_back(line(begin));
        continue;
      }
      if (row.size() != result.names.size()) {
        const bool blank = text_[begin] == '\n' || text_.substr(begin, 2) == "\r\n" || text_.substr(begin) == "\r";
        result.error = blank ? fmt::format(":{}: the line is blank, expected {} fields", line(begin), result.names.size())
                             : fmt::format(":{}: the row has {} field{}, expected {}", line(begin), row.size(), row.size() == 1 ? "" : "s",
                                           result.names.size());
        return result;
      }
      result.rows.push_back(std::move(row));
    }
    return result;
  }

 private:
  long line(std::size_t at) const { return std::count(text_.begin(), text_.begin() + static_cast<long>(at), '\n') + 1; }

  Row record(Reference& result) {
    Row row;
    for (;;) {
      std::string value;
      bool quoted = false;
      if (at_ < text_.size() && text_[at_] == '"') {
        quoted = true;
        const std::size_t opened = at_++;
        for (;; ++at_) {
          if (at_ >= text_.size()) {
            result.error = fmt::format(":{}: the quote that opens here is never closed", line(opened));
            return row;
          }
          if (text_[at_] != '"') {
            value += text_[at_];
          } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
            value += text_[at_++];
          } else {
            break;
          }
        }
        ++at_;
        if (at_ < text_.size() && text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n')) ++at_;
        if (at_ < text_.size() && text_[at_] != delimiter_ && text_[at_] != '\n') {
          result.error = fmt::format(":{}: ", line(at_));
          return row;
        }
      } else {
        while (at_ < text_.size() && text_[at_] != delimiter_ && text_[at_] != '\n') value += text_[at_++];
      }
      const bool ends = at_ >= text_.size() || text_[at_] == '\n';
      if (ends && !quoted && value.ends_with('\r')) value.pop_back();
      // A null by the default words: an empty field, quoted or not.
      row.push_back(value.empty() ? std::nullopt : std::optional(value));
      if (at_ < text_.size()) ++at_;
      if (ends) return row;
    }
  }

  std::string text_;
  char delimiter_;
  bool reports_bad_rows_;
  std::size_t at_ = 0;
};

// The rows as text, in order; checks that batches follow each other.
class TextGather : public table::ChunkVisitor {
 public:
  struct Rows : Chunk {
    void visit(const table::Batch& batch) override {
      EXPECT_EQ(batch.first_row, static_cast<std::int64_t>(rows.size()));
      for (std::int64_t i = 0; i < batch.num_rows; ++i) {
        Row row;
        for (const table::Column& column : batch.columns) {
          row.push_back(column.is_null(i) ? std::nullopt : std::optional(table::value_text(column, i)));
        }
        rows.push_back(std::move(row));
      }
    }
    std::vector<Row> rows;
  };
  std::unique_ptr<Chunk> make_chunk(std::int64_t) override { return std::make_unique<Rows>(); }
  void merge(std::unique_ptr<Chunk> chunk, std::int64_t num_rows) override {
    auto& from = dynamic_cast<Rows&>(*chunk);
    EXPECT_EQ(num_rows, static_cast<std::int64_t>(from.rows.size()));
    rows.insert(rows.end(), from.rows.begin(), from.rows.end());
  }
  void restart() override { rows.clear(); }
  std::vector<Row> rows;
};

class CsvDifferential : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = ScratchFolder::make(fs::temp_directory_path(), "cupel_csv");
    ASSERT_TRUE(folder) << folder.error().text();
    folder_.emplace(std::move(*folder));
  }

  std::string write(const std::string& text) {
    const std::string path = (folder_->path() / "x.csv").string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  struct Outcome {
    std::vector<Row> rows;
    std::string error;
    std::vector<table::Type> types;
    std::vector<std::string> first_texts;
    bool operator==(const Outcome&) const = default;
  };

  static Outcome scan(table::BatchSource& source, table::ColumnRequest::As as, int threads, std::int64_t chunk_bytes, std::int64_t batch_rows,
                      const std::string& path) {
    std::vector<table::ColumnRequest> requests;
    for (std::size_t i = 0; i < source.schema().fields.size(); ++i) requests.push_back({static_cast<int>(i), as});
    TextGather gather;
    table::ScanOptions options;
    options.threads = threads;
    options.chunk_bytes = chunk_bytes;
    options.batch_rows = batch_rows;
    const Result<std::int64_t> num_rows = source.scan(requests, gather, options);
    Outcome outcome;
    if (!num_rows) {
      outcome.error = num_rows.error().message.substr(path.size());
      return outcome;
    }
    EXPECT_EQ(*num_rows, static_cast<std::int64_t>(gather.rows.size()));
    outcome.rows = std::move(gather.rows);
    for (const table::Field& field : source.schema().fields) {
      outcome.types.push_back(field.type);
      outcome.first_texts.push_back(field.first_text ? fmt::format("{}:{}", field.first_text->row, field.first_text->value) : "");
    }
    return outcome;
  }

  void check(const std::string& text) {
    SCOPED_TRACE(text);
    const std::string path = write(text);
    Reference expected = SlowParser(text, ',').parse();
    std::optional<Outcome> native;
    check(path, expected, std::size_t{64} << 20, native);
    check(path, expected, 0, native);  // as a stream
    check_reported(path, SlowParser(text, ',', true).parse());
  }

  // Bad rows are left out and reported with their lines, however the text is cut.
  static void check_reported(const std::string& path, const Reference& expected) {
    ReadOptions options;
    options.delimiter = ',';
    options.bad_rows = ReadOptions::BadRowPolicy::report;
    for (const std::size_t in_memory_bytes : {std::size_t{64} << 20, std::size_t{0}}) {
      options.in_memory_bytes = in_memory_bytes;
      for (const std::int64_t chunk_bytes : {1, 5, 33, 1 << 20}) {
        auto source = open_source(path, options);
        if (!source) continue;  // the header; looked at above
        const int threads = chunk_bytes == 5 ? 3 : 1;
        const Outcome got = scan(**source, table::ColumnRequest::As::text, threads, chunk_bytes, chunk_bytes % 7 + 1, path);
        if (!expected.error.empty()) {
          EXPECT_TRUE(got.error.starts_with(expected.error)) << "expected " << expected.error << ", got " << got.error;
          continue;
        }
        ASSERT_EQ(got.error, "");
        ASSERT_EQ(got.rows, expected.rows) << "chunk_bytes " << chunk_bytes << ", in memory " << in_memory_bytes;
        const BadRows* const bad = bad_rows_of(**source);
        ASSERT_NE(bad, nullptr);
        std::vector<long> lines;
        for (const BadRows::Row& row : bad->rows) lines.push_back(row.line);
        ASSERT_EQ(lines, expected.bad_lines) << "chunk_bytes " << chunk_bytes << ", in memory " << in_memory_bytes;
      }
    }
  }

  static void check(const std::string& path, const Reference& expected, std::size_t in_memory_bytes, std::optional<Outcome>& native) {
    ReadOptions options;
    options.delimiter = ',';
    options.in_memory_bytes = in_memory_bytes;
    for (const std::int64_t chunk_bytes : {1, 2, 3, 7, 16, 31, 64, 1 << 20}) {
      for (const int threads : {1, 2, 5}) {
        if (threads > 1 && (chunk_bytes > 64 || chunk_bytes % 8 == 3)) continue;
        const std::int64_t batch_rows = chunk_bytes % 5 + 1;
        auto source = open_source(path, options);
        if (!source) {
          EXPECT_TRUE(source.error().message.substr(path.size()).starts_with(expected.error) && !expected.error.empty()) << source.error().message;
          continue;
        }
        const Outcome as_text = scan(**source, table::ColumnRequest::As::text, threads, chunk_bytes, batch_rows, path);
        if (!expected.error.empty()) {
          EXPECT_TRUE(as_text.error.starts_with(expected.error)) << "expected " << expected.error << ", got " << as_text.error;
        } else {
          ASSERT_EQ(as_text.error, "");
          EXPECT_EQ((*source)->schema().names(), expected.names);
          ASSERT_EQ(as_text.rows, expected.rows) << "chunk_bytes " << chunk_bytes << ", threads " << threads << ", in memory " << in_memory_bytes;
        }
        const Outcome typed = scan(**source, table::ColumnRequest::As::native, threads, chunk_bytes, batch_rows, path);
        if (!native) native = typed;
        EXPECT_TRUE(typed == *native) << "types or values depend on chunks: " << chunk_bytes << ", threads " << threads << ", in memory "
                                      << in_memory_bytes << "; " << typed.error << " against " << native->error;
      }
    }
  }

  std::optional<ScratchFolder> folder_;
};

std::string clean_csv(Random& random) {
  const std::size_t num_fields = 1 + random.below(4);
  const std::string line_break = random.below(3) == 0 ? "\r\n" : "\n";
  std::string text;
  for (std::size_t c = 0; c < num_fields; ++c) text += fmt::format("{}c{}", c > 0 ? "," : "", c);
  text += line_break;
  const std::size_t num_rows = random.below(12);
  constexpr std::string_view k_plain[] = {"1", "22", "-3", "4.5", "true", "false", "abc", "", "007", "NA", "é", "1e3", "x y"};
  constexpr std::string_view k_quoted[] = {"\"a,b\"", "\"line\nbreak\"", "\"say \"\"hi\"\"\"", "\"\"", "\"12\"", "\"\"\"\"", "\"crlf\r\n\""};
  for (std::size_t r = 0; r < num_rows; ++r) {
    for (std::size_t c = 0; c < num_fields; ++c) {
      if (c > 0) text += ',';
      // A column keeps to one kind mostly, so that types are found and widened.
      const bool odd = random.below(8) == 0;
      if (odd && random.below(2) == 0) {
        text += k_quoted[random.below(std::size(k_quoted))];
      } else {
        text += odd ? k_plain[random.below(std::size(k_plain))] : k_plain[(c * 3) % 6 + random.below(2)];
      }
    }
    if (r + 1 < num_rows || random.below(2) == 0) text += line_break;
  }
  if (random.below(6) == 0) text += line_break + line_break;
  return text;
}

// Rows of any length in front, so that what follows stands across the edges of the scan's blocks.
std::string padding(Random& random, std::string_view row_end) {
  const std::size_t size = random.below(140);
  return size == 0 ? "" : std::string(size, 'p') + std::string(row_end);
}

// Two fields a row, of pieces that are odd but mostly allowed.
std::string odd_csv(Random& random) {
  constexpr std::string_view k_fields[] = {"a\r", "\r", "x\"y", "5\"", "\"q\"", "\"q\"\"\"", "\"\"\"\"", "\"\r\"", "\"\n\"", "\",\"", "", "1", "é", "\"\"",
                                           "\"\r\n\""};
  std::string text = "a,b\n" + padding(random, ",1\n");
  const bool quotes_inside = random.below(2) == 0;
  for (std::size_t n = 1 + random.below(30); n > 0; --n) {
    for (const char* end : {",", random.below(2) == 0 ? "\n" : "\r\n"}) {
      const std::string_view field = k_fields[random.below(std::size(k_fields))];
      text += quotes_inside || field.empty() || field[0] == '"' || field.find('"') == std::string_view::npos ? field : "z";
      if (random.below(150) == 0) text += random.below(2) == 0 ? "\r" : "w";
      text += end;
    }
  }
  return text;
}

std::string dirty_csv(Random& random) {
  constexpr std::string_view k_pieces[] = {"a", "1", ",", ",", "\n", "\n", "\"", "\"\"", "\r\n", "\r", " ", "é", "\"x\"", "\"y\",", "7,8\n"};
  std::string text = random.below(2) == 0 ? "a,b\n" + padding(random, ",1\n") : "a\n" + padding(random, "\n");
  for (std::size_t n = 1 + random.below(40); n > 0; --n) text += k_pieces[random.below(std::size(k_pieces))];
  return text;
}

TEST_F(CsvDifferential, CleanFilesGiveTheSameTablesHoweverTheyAreCut) {
  for (std::uint64_t round = 0; round < 150 && !HasFailure(); ++round) {
    Random random(3, "clean csv", round);
    check(clean_csv(random));
  }
}

TEST_F(CsvDifferential, OddFilesGiveTheSameRowsHoweverTheyAreCut) {
  for (std::uint64_t round = 0; round < 300 && !HasFailure(); ++round) {
    Random random(8, "odd csv", round);
    check(odd_csv(random));
  }
}

TEST_F(CsvDifferential, DirtyFilesGiveTheSameRowsOrTheSameError) {
  for (std::uint64_t round = 0; round < 400 && !HasFailure(); ++round) {
    Random random(5, "dirty csv", round);
    check(dirty_csv(random));
  }
}

TEST_F(CsvDifferential, LongFilesGiveTheSameTables) {
  for (std::uint64_t round = 0; round < 6 && !HasFailure(); ++round) {
    Random random(6, "long csv", round);
    std::string text = "a,b,c\n";
    for (int row = 0; row < 700; ++row) {
      const std::string words(random.below(90), 'w');
      text += fmt::format("{},{},", row, random.below(50) == 0 ? "2.5" : "3");
      text += random.below(3) == 0 ? fmt::format("\"{},\n\"\"{}\"\n", words, words) : words + "\n";
      if (round == 5 && row == 400) text += "1,inch \" mark,2\n";
    }
    check(text);
  }
}

}  // namespace
}  // namespace cupel::source
