// Folders: files side by side, and files that a partition rules out; input that is no plain file.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "base/random.h"
#include "source/write.h"
#include "source/written_file_internal.h"
#include "table/pruning.h"

namespace cupel::source {
namespace {

/// Everything that a scan shows, by chunk.
class Seen : public table::ChunkVisitor {
 public:
  struct Part : Chunk {
    explicit Part(std::int64_t number) : index(number) {}
    void visit(const table::Batch& batch) override {
      for (std::int64_t row = 0; row < batch.num_rows; ++row) {
        for (const table::Column& column : batch.columns) text += (column.is_null(row) ? "null" : table::value_text(column, row)) + ' ';
        text += '\n';
      }
      rows += batch.num_rows;
    }
    void pass_over(std::int64_t num_rows) override {
      text += fmt::format("{} rows passed over\n", num_rows);
      rows += num_rows;
    }
    std::int64_t index;
    std::int64_t rows = 0;
    std::string text;
  };
  std::unique_ptr<Chunk> make_chunk(std::int64_t index) override { return std::make_unique<Part>(index); }
  void merge(std::unique_ptr<Chunk> chunk, std::int64_t num_rows) override {
    const auto& part = dynamic_cast<Part&>(*chunk);
    EXPECT_EQ(part.rows, num_rows);
    EXPECT_GT(part.index, last) << "chunks are numbered in their order";
    last = part.index;
    text += fmt::format("chunk {}\n", part.index) + part.text;
  }
  void restart() override {
    text.clear();
    last = -1;
  }
  std::string text;
  std::int64_t last = -1;
};

class FolderScan : public WithFiles {
 protected:
  std::string put(const std::string& name, std::string_view bytes) const {
    fs::create_directories(fs::path(path_of(name)).parent_path());
    return write(name, bytes);
  }
  std::string seen(const std::string& name, int threads, std::int64_t chunk_bytes = 1 << 20, const char* where = nullptr) const {
    auto source = open_source(path_of(name));
    EXPECT_TRUE(source) << source.error().text();
    std::vector<table::ColumnRequest> requests;
    for (std::size_t i = 0; i < (*source)->schema().fields.size(); ++i) requests.push_back({static_cast<int>(i)});
    table::ScanOptions options;
    options.threads = threads;
    options.chunk_bytes = chunk_bytes;
    if (where != nullptr) {
      auto expression = *table::Expression::parse(where, "test");
      EXPECT_TRUE(expression.bind((*source)->schema()));
      std::vector<table::Pruning::Known> fields;
      for (const std::string& column : expression.columns()) fields.emplace_back(*(*source)->schema().find(column));
      options.pruning = std::make_shared<const table::Pruning>(std::vector{table::Pruning::Filter{expression, fields}});
    }
    Seen visitor;
    const auto rows = (*source)->scan(requests, visitor, options);
    return rows ? visitor.text + fmt::format("{} rows", *rows) : local(rows.error().text());
  }
};

TEST_F(FolderScan, FilesSideBySideShowWhatOneThreadShows) {
  for (const std::string ending : {"csv", "jsonl"}) {
    const std::string folder = "d_" + ending;
    for (int file = 0; file < 40; ++file) {
      std::string text = ending == "csv" ? "n,t\n" : "";
      Random random(3, "files", static_cast<std::uint64_t>(file));
      const auto rows = file == 17 ? 3000 : static_cast<int>(random.below(60));  // one that is not small at little chunks
      for (int row = 0; row < rows; ++row) {
        // A late file widens the type of all.
        const std::string n = file == 31 && row == 5 ? "0.5" : std::to_string(random.below(1000));
        text += ending == "csv" ? fmt::format("{},\"x,{}\"\n", n, row) : fmt::format("{{\"n\": {}, \"t\": \"x,{}\"}}\n", n, row);
      }
      put(fmt::format("{}/k={}/f{:02}.{}", folder, file % 2, file, ending), text.empty() ? "{\"n\": 1}\n" : text);
    }
    for (const std::int64_t chunk_bytes : {100, 1 << 10, 1 << 20}) {
      const std::string one = seen(folder, 1, chunk_bytes);
      EXPECT_NE(one.find("0.5 x,5 "), std::string::npos);
      for (const int threads : {2, 5}) EXPECT_EQ(seen(folder, threads, chunk_bytes), one) << ending << " " << chunk_bytes;
    }
  }
}

TEST_F(FolderScan, AMistakeInOneFileIsThatOfTheFirstInOrder) {
  for (int file = 0; file < 12; ++file) put(fmt::format("d/{:02}.csv", file), file == 4 || file == 9 ? "a,b\n1,2\n3\n" : "a,b\n1,2\n");
  for (const int threads : {1, 4}) EXPECT_EQ(seen("d", threads).substr(0, 12), "d/04.csv:3: ") << threads;
}

TEST_F(FolderScan, ReportingBadRowsOfManyFilesIsRefused) {
  put("d/1.csv", "a,b\n1\n");
  put("d/2.csv", "a,b\n1,2\n");
  ReadOptions options;
  options.bad_rows = ReadOptions::BadRowPolicy::report;
  const auto source = open_source(path_of("d"), options);
  ASSERT_FALSE(source);
  EXPECT_EQ(local(source.error().text()), local(fmt::format("bad rows are reported of one file, and '{}' is 2 files: expected to stop at them", path_of("d"))));
}

// The rows that a partition rules out are counted and not shown, under the same numbers of chunks.
TEST_F(FolderScan, PartitionsRuleOutFilesOfEveryFormat) {
  for (const int k : {1, 2, 3}) {
    std::string csv = "n\n";
    std::string json;
    for (int row = 0; row < 50; ++row) {
      csv += fmt::format("{}\n", k * 100 + row);
      json += fmt::format("{{\"n\": {}}}\n", k * 100 + row);
    }
    const auto rows = read_table(write("scratch.csv", csv));
    ASSERT_TRUE(rows);
    fs::create_directories(path_of(fmt::format("parquet/k={}", k)));
    ASSERT_TRUE(write_table(path_of(fmt::format("parquet/k={}/x.parquet", k)), *rows));
    put(fmt::format("jsonl/k={}/x.jsonl", k), json);
  }
  for (const std::string format : {"jsonl", "parquet"}) {
    SCOPED_TRACE(format);
    const std::string text = seen(format, 2, 1 << 20, "k = 2");
    EXPECT_NE(text.find("50 rows passed over\nchunk"), std::string::npos) << text;
    EXPECT_EQ(text.find("101 1"), std::string::npos);
    EXPECT_NE(text.find("201 2"), std::string::npos);
    EXPECT_EQ(text.substr(text.rfind('\n') + 1), "150 rows");
    EXPECT_EQ(seen(format, 1, 1 << 20, "k = 2"), text);
  }
}

// Larger than what is kept in memory, so that it goes through a temporary file.
TEST_F(FolderScan, ANamedPipeIsReadLikeAFile) {
  std::string text = "n,t\n";
  while (text.size() < (20u << 20)) text += fmt::format("{},some text to fill the line with\n", text.size());
  const std::string plain = write("plain.csv", text);
  const std::string pipe = path_of("pipe.csv");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(pipe, std::ios::binary) << text; });
  const auto source = open_source(pipe);
  writer.join();
  ASSERT_TRUE(source) << source.error().text();
  const auto expected = open_source(plain);
  ASSERT_TRUE(expected);
  EXPECT_EQ(types((*source)->schema()), types((*expected)->schema()));
  const std::vector<table::ColumnRequest> requests = {{0}};
  for (int scan = 0; scan < 2; ++scan) {
    Seen a;
    Seen b;
    EXPECT_EQ(*(*source)->scan(requests, a, {}), *(*expected)->scan(requests, b, {}));
    EXPECT_TRUE(a.text == b.text);
  }
}

}  // namespace
}  // namespace cupel::source
