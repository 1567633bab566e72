#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <limits>
#include <string>

#include "base/random.h"
#include "source/read.h"
#include "source/write.h"
#include "source/written_file_internal.h"

namespace cupel::source {
namespace {

using testing::HasSubstr;

class ReadFormats : public WithFiles {};

std::string gzipped(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(compressBound(text.size()) + 64, '\0');
  std::string in(text);
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

std::string zstandard(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string long_csv() {
  std::string text = "n,t\n";
  for (int row = 0; row < 60'000; ++row) text += fmt::format("{},text {}\n", row, row % 97);
  return text;
}

TEST_F(ReadFormats, GzipAndZstdAreReadByTheirFirstBytes) {
  const std::string plain = long_csv();
  const std::string expected = read_shown(plain);
  EXPECT_EQ(read_shown(gzipped(plain), {}, "x.csv.gz"), expected);
  EXPECT_EQ(read_shown(zstandard(plain), {}, "x.csv.zst"), expected);
  EXPECT_EQ(read_shown(gzipped("a,b\n1,") + gzipped("2\n"), {}, "x.gz"), "[1] [2]\n") << "two members";
  EXPECT_EQ(read_shown(zstandard("a,b\n1,") + zstandard("2\n"), {}, "x.zst"), "[1] [2]\n") << "two frames";
}

TEST_F(ReadFormats, CutOrDamagedCompressedFilesAreRefused) {
  std::string gz = gzipped(long_csv());
  std::string zst = zstandard(long_csv());
  EXPECT_THAT(error_of(gz.substr(0, gz.size() / 2)), HasSubstr("the gzip data are damaged or cut short at byte"));
  EXPECT_THAT(error_of(zst.substr(0, zst.size() / 2)), HasSubstr("the zstd data are cut short at byte"));
  gz[gz.size() / 2] = static_cast<char>(gz[gz.size() / 2] ^ 0x55);
  EXPECT_THAT(error_of(gz), HasSubstr("the gzip data are damaged"));
}

TEST_F(ReadFormats, OtherFormatsAreNamed) {
  EXPECT_EQ(error_of("PK\x03\x04zzzz"), "'x.csv' is a zip archive (or a spreadsheet), expected CSV, TSV, JSON Lines, Parquet or Arrow IPC");
  EXPECT_THAT(error_of("ARROW1 and nothing else"), HasSubstr("damaged Arrow IPC"));
  EXPECT_THAT(error_of(gzipped("PAR1 and so on"), {}, "x.parquet.gz"), HasSubstr("is a compressed file around Parquet or Arrow IPC"));
  EXPECT_THAT(error_of("PAR1 and nothing else"), HasSubstr("damaged Parquet"));
}

table::Table all_types() {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  table::Schema schema;
  std::vector<table::ColumnBuilder> columns;
  for (const table::Type type :
       {table::Type::boolean, table::Type::integer, table::Type::number, table::Type::text, table::Type::timestamp}) {
    schema.fields.push_back({std::string(table::type_name(type)), type});
    columns.emplace_back(type);
  }
  for (int row = 0; row < 300'000; ++row) {
    if (row % 5 == 4) {
      for (table::ColumnBuilder& column : columns) column.append_null();
      continue;
    }
    columns[0].append(std::int64_t{row % 2});
    columns[1].append(row == 0 ? std::numeric_limits<std::int64_t>::min() : std::int64_t{row});
    columns[2].append(row == 1 ? nan : row * 0.1);
    columns[3].append(std::string_view(row % 3 == 0 ? "" : row % 3 == 1 ? "comma, \"quote\"\nbreak" : "plain é"));
    columns[4].append(std::int64_t{row} * 1'000'003);
  }
  return {std::move(schema), std::move(columns)};
}

TEST_F(ReadFormats, ParquetReadsBackWhatWasWritten) {
  const table::Table rows = all_types();
  const std::string path = path_of("x.parquet");
  const auto written = write_table(path, rows);
  ASSERT_TRUE(written) << written.error().text();
  const auto read = read_table(path);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->schema().names(), rows.schema().names());
  EXPECT_EQ(types(read->schema()), types(rows.schema()));
  EXPECT_TRUE(shown(*read) == shown(rows));
  const auto some = read_table(path, {}, std::vector<std::string>{"text", "integer"});
  ASSERT_TRUE(some);
  EXPECT_EQ(some->column(0).text(2), "plain é");
  EXPECT_EQ(some->column(1).integers()[3], 3);
}

TEST_F(ReadFormats, ParquetTextKeepsItsDictionaryAndRequestsAsTextAreWritten) {
  const std::string path = path_of("x.parquet");
  ASSERT_TRUE(write_table(path, all_types()));
  const auto source = open_source(path);
  ASSERT_TRUE(source) << source.error().text();
  struct Look : table::ChunkVisitor {
    struct One : Chunk {
      explicit One(Look& l) : look(&l) {}
      void visit(const table::Batch& batch) override {
        if (batch.columns[0].codes != nullptr) look->saw_codes = true;
        if (!batch.columns[1].is_null(0) && look->first.empty()) look->first = std::string(batch.columns[1].text(0));
      }
      Look* look;
    };
    std::unique_ptr<Chunk> make_chunk(std::int64_t) override { return std::make_unique<One>(*this); }
    void merge(std::unique_ptr<Chunk>, std::int64_t rows) override { num_rows += rows; }
    void restart() override {}
    bool saw_codes = false;
    std::string first;
    std::int64_t num_rows = 0;
  } look;
  const std::vector<table::ColumnRequest> requests{{3}, {1, table::ColumnRequest::As::text}};
  table::ScanOptions options;
  options.threads = 1;
  const auto scanned = (*source)->scan(requests, look, options);
  ASSERT_TRUE(scanned) << scanned.error().text();
  EXPECT_EQ(look.num_rows, 300'000);
  EXPECT_TRUE(look.saw_codes);
  EXPECT_EQ(look.first, "-9223372036854775808");
  EXPECT_EQ((*source)->origin()->digest.size(), 64u);
}

TEST_F(ReadFormats, ParquetThatIsCutIsRefused) {
  const std::string path = path_of("x.parquet");
  ASSERT_TRUE(write_table(path, all_types()));
  const auto bytes = read_file(path);
  ASSERT_TRUE(bytes);
  EXPECT_THAT(error_of(bytes->substr(0, bytes->size() / 2), {}, "cut.parquet"), HasSubstr("cut.parquet: damaged Parquet"));
  ReadOptions options;
  options.types = {{"text", table::Type::integer}};
  const auto stated = read_table(path, options);
  ASSERT_FALSE(stated);
  EXPECT_EQ(local(stated.error().message), "x.parquet: column 'text' is text in the file, not integer");
}

TEST_F(ReadFormats, CsvReadsBackWhatWasWritten) {
  const table::Table rows = all_types();
  const std::string path = path_of("x.csv");
  const auto written = write_table(path, rows);
  ASSERT_TRUE(written) << written.error().text();
  ReadOptions options;
  options.nulls = {};  // an empty text is quoted, a null is not; here both read as text
  options.types = {{"text", table::Type::text}};
  const auto text = read_table(path, options, std::vector<std::string>{"text"});
  ASSERT_TRUE(text) << text.error().text();
  EXPECT_EQ(text->num_rows(), rows.num_rows());
  EXPECT_EQ(text->column(0).text(1), "comma, \"quote\"\nbreak");
  const auto typed = read_table(path, {}, std::vector<std::string>{"boolean", "integer"});
  ASSERT_TRUE(typed);
  EXPECT_EQ(types(typed->schema()), "boolean integer");
  EXPECT_TRUE(typed->column(1).is_null(4));
}

TEST_F(ReadFormats, AWriterThatDiesLeavesNothingBehind) {
  table::Schema schema;
  schema.fields.push_back({"a", table::Type::integer});
  for (const char* name : {"x.csv", "x.parquet"}) {
    {
      const auto writer = RowWriter::open(path_of(name), schema);
      ASSERT_TRUE(writer) << writer.error().text();
      table::ColumnBuilder column(table::Type::integer);
      column.append(std::int64_t{1});
      const table::Column view = column.view();
      ASSERT_TRUE((*writer)->append({&view, 1}, 1));
    }
    EXPECT_TRUE(fs::is_empty(folder_->path())) << name;
  }
  const auto folder = RowWriter::open(folder_->path().string(), schema);
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().message, HasSubstr("it is a folder"));
  const auto gz = RowWriter::open(path_of("x.csv.gz"), schema);
  ASSERT_FALSE(gz);
  EXPECT_THAT(gz.error().message, HasSubstr("expected a name that ends in .csv or .parquet"));
}

TEST_F(ReadFormats, AFullDiskIsAnErrorOfTheSystem) {
  const auto written = write_table("/dev/full", all_types());
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, "cannot write '/dev/full': No space left on device");
  EXPECT_EQ(written.error().kind, ErrorKind::io);
  EXPECT_TRUE(fs::is_character_file("/dev/full")) << "what is no regular file is written, not replaced";
}

TEST_F(ReadFormats, WritingReplacesTheFileAtTheEnd) {
  const std::string path = write("x.csv", "old\n");
  table::Schema schema;
  schema.fields.push_back({"new", table::Type::integer});
  const auto writer = RowWriter::open(path, schema);
  ASSERT_TRUE(writer);
  EXPECT_EQ(read_file(path).value_or(""), "old\n");
  ASSERT_TRUE((*writer)->finish());
  EXPECT_EQ(read_file(path).value_or(""), "new\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_->path()), fs::directory_iterator()), 1);
}

TEST_F(ReadFormats, RandomTablesSurviveCsvAndParquet) {
  for (std::uint64_t round = 0; round < 40; ++round) {
    Random random(17, "tables", round);
    table::Schema schema;
    schema.fields.push_back({"n", table::Type::number});
    schema.fields.push_back({"t", table::Type::text});
    std::vector<table::ColumnBuilder> columns{table::ColumnBuilder(table::Type::number), table::ColumnBuilder(table::Type::text)};
    const auto num_rows = static_cast<int>(random.below(50)) + 2;
    for (int row = 0; row < num_rows; ++row) {
      if (row > 1 && random.below(5) == 0) {
        columns[0].append_null();
      } else {
        columns[0].append(row == 0 ? 0.5 : random.normal() * 1e10);
      }
      std::string text = row == 0 ? "t" : "";
      constexpr std::string_view k_bytes = "a\",\n\r 1;";
      for (std::size_t n = 1 + random.below(6); n > 0; --n) text += k_bytes[random.below(k_bytes.size())];
      columns[1].append(std::string_view(text));
    }
    const table::Table rows(schema, columns);
    for (const char* name : {"x.csv", "x.parquet"}) {
      ASSERT_TRUE(write_table(path_of(name), rows));
      ReadOptions options;
      options.delimiter = ',';
      const auto read = read_table(path_of(name), options);
      ASSERT_TRUE(read) << read.error().text();
      EXPECT_EQ(shown(*read), shown(rows)) << name;
    }
  }
}

}  // namespace
}  // namespace cupel::source
