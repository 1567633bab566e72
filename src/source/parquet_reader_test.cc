#include <arrow/io/file.h>
#include <arrow/io/memory.h>
#include <gmock/gmock.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include "base/random.h"
#include "source/arrow_rows_internal.h"
#include "source/written_file_internal.h"

namespace cupel::source {
namespace {

using testing::HasSubstr;

class ParquetReader : public WithFiles {
 protected:
  struct Layout {
    std::string name;
    std::function<void(parquet::WriterProperties::Builder&)> set = [](auto&) {};
    std::int64_t group_rows = 1'000'000;
    bool old_times = false;
  };

  static std::string parquet_of(const std::vector<KnownColumn>& columns, const Layout& layout) {
    const auto rows = as_record_batch(columns);
    const auto table = arrow::Table::FromRecordBatches({rows}).ValueOrDie();
    parquet::WriterProperties::Builder properties;
    layout.set(properties);
    parquet::ArrowWriterProperties::Builder arrow_properties;
    arrow_properties.store_schema();
    if (layout.old_times) arrow_properties.enable_deprecated_int96_timestamps();
    const auto out = arrow::io::BufferOutputStream::Create().ValueOrDie();
    const auto status = parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), out, layout.group_rows, properties.build(),
                                                   arrow_properties.build());
    EXPECT_TRUE(status.ok()) << status.ToString();
    return (*out->Finish())->ToString();
  }

  static std::vector<Layout> layouts() {
    using parquet::Encoding;
    std::vector<Layout> all;
    all.push_back({"as it comes"});
    all.push_back({"no dictionary", [](auto& p) { p.disable_dictionary(); }});
    all.push_back({"pages of version 2",
                   [](auto& p) { p.data_page_version(parquet::ParquetDataPageVersion::V2)->compression(parquet::Compression::ZSTD); }});
    all.push_back({"tiny pages", [](auto& p) { p.data_pagesize(64)->write_batch_size(7); }});
    all.push_back({"tiny pages of version 2, plain", [](auto& p) {
                     p.data_pagesize(64)->write_batch_size(7)->disable_dictionary()->data_page_version(parquet::ParquetDataPageVersion::V2);
                   }});
    all.push_back(
        {"a dictionary that is given up", [](auto& p) { p.dictionary_pagesize_limit(200)->data_pagesize(100)->write_batch_size(16); }});
    all.push_back({"many row groups", [](auto& p) { p.compression(parquet::Compression::SNAPPY); }, 61});
    all.push_back({"old times", [](auto&) {}, 500, true});
    all.push_back(
        {"format 1.0", [](auto& p) { p.version(parquet::ParquetVersion::PARQUET_1_0)->compression(parquet::Compression::GZIP); }});
    all.push_back(
        {"other encodings", [](auto& p) {
           p.disable_dictionary()->compression(parquet::Compression::LZ4);
           for (const char* name : {"int8", "int16", "int32", "uint8", "uint16", "uint32", "int64", "uint64", "date32", "time1000"})
             p.encoding(name, Encoding::DELTA_BINARY_PACKED);
           for (const char* name : {"float", "double", "half", "decimal_long"}) p.encoding(name, Encoding::BYTE_STREAM_SPLIT);
           p.encoding("boolean", Encoding::RLE)
               ->encoding("text", Encoding::DELTA_BYTE_ARRAY)
               ->encoding("binary", Encoding::DELTA_LENGTH_BYTE_ARRAY);
         }});
    return all;
  }
};

TEST_F(ParquetReader, EveryTypeReadsAsWrittenInEveryLayout) {
  const std::vector<std::pair<std::string, IsNull>> nulls = {
      {"no nulls", [](auto) { return false; }},
      {"some nulls", [](auto row) { return row % 7 == 3 || row % 11 == 0; }},
      {"all nulls", [](auto) { return true; }},
      {"long runs", [](auto row) { return row / 100 % 2 == 1; }},
  };
  for (const auto& [kind, is_null] : nulls) {
    const std::vector<KnownColumn> columns = known_columns(701, is_null);
    for (const Layout& layout : layouts()) {
      SCOPED_TRACE(layout.name + ", " + kind);
      const auto source = open_source(write("x.parquet", parquet_of(columns, layout)));
      ASSERT_TRUE(source) << source.error().text();
      for (const std::int64_t batch_rows : {1, 50, 4096}) {
        table::ScanOptions options;
        options.threads = batch_rows == 50 ? 3 : 1;
        options.batch_rows = batch_rows;
        expect_known(**source, columns, options);
        if (HasFailure()) return;
      }
    }
  }
}

TEST_F(ParquetReader, OneLargeRowGroupIsCutIntoPiecesThatDoNotDependOnTheThreads) {
  std::vector<KnownColumn> columns = known_columns(150'000, [](auto row) { return row % 1'000 == 17; });
  std::erase_if(columns,
                [](const KnownColumn& column) { return column.name != "int64" && column.name != "text" && column.name != "double"; });
  const auto source = open_source(write("x.parquet", parquet_of(columns, {"one group"})));
  ASSERT_TRUE(source) << source.error().text();
  for (const int threads : {1, 4}) {
    ShownRows shown;
    table::ScanOptions options;
    options.threads = threads;
    const std::vector<table::ColumnRequest> requests = {{2}, {0}, {2}};
    const auto scanned = (*source)->scan(requests, shown, options);
    ASSERT_TRUE(scanned) << scanned.error().text();
    EXPECT_EQ(*scanned, 150'000);
    EXPECT_EQ(shown.num_chunks, 3);
    EXPECT_GT(shown.num_coded, 0);
    EXPECT_TRUE(shown.columns[0] == columns[2].texts);
    EXPECT_TRUE(shown.columns[1] == columns[0].texts);
    EXPECT_TRUE(shown.columns[2] == columns[2].texts);
  }
}

TEST_F(ParquetReader, NumbersAskedForAsTextAreWrittenOnceAnEntryOfTheirDictionary) {
  std::vector<KnownColumn> columns = known_columns(1'000, [](auto) { return false; });
  const auto source = open_source(write("x.parquet", parquet_of(columns, {"one group"})));
  ASSERT_TRUE(source) << source.error().text();
  ShownRows shown;
  const std::vector<table::ColumnRequest> requests = {{0, table::ColumnRequest::As::text}};
  ASSERT_TRUE((*source)->scan(requests, shown, {}));
  EXPECT_EQ(shown.num_coded, 1);
  EXPECT_EQ(shown.columns[0], columns[0].texts);
}

TEST_F(ParquetReader, ColumnsOfOtherTypesAreRefusedOnlyWhenTheyAreWanted) {
  arrow::ListBuilder lists(arrow::default_memory_pool(), std::make_shared<arrow::Int64Builder>());
  for (int row = 0; row < 3; ++row) {
    ASSERT_TRUE(lists.Append().ok());
    ASSERT_TRUE(dynamic_cast<arrow::Int64Builder&>(*lists.value_builder()).Append(row).ok());
  }
  std::vector<KnownColumn> columns;
  columns.push_back({"lists", *lists.Finish(), table::Type::text, {}});
  columns.push_back(known_column<arrow::Int64Builder>(
      "n", arrow::int64(), table::Type::integer, 3, [](auto) { return false; }, [](auto row) { return row; },
      [](auto row) { return std::to_string(row); }));
  const std::string path = write("x.parquet", parquet_of(columns, {"lists"}));
  const auto numbers = read_table(path, {}, std::vector<std::string>{"n"});
  ASSERT_TRUE(numbers) << numbers.error().text();
  EXPECT_EQ(shown(*numbers), "[0]\n[1]\n[2]\n");
  const auto all = read_table(path);
  ASSERT_FALSE(all);
  EXPECT_EQ(local(all.error().message),
            "x.parquet: column 'lists' has the type list<element: int64>, expected numbers, text, booleans or timestamps");
}

TEST_F(ParquetReader, BinaryThatIsNotUtf8IsRefused) {
  for (const bool dictionary : {false, true}) {
    std::vector<KnownColumn> columns;
    columns.push_back(known_column<arrow::BinaryBuilder>(
        "b", arrow::binary(), table::Type::text, 4, [](auto) { return false; },
        [](auto row) { return row == 1   ? std::string("\xC3")
                              : row == 2 ? std::string("\xA9")
                                         : std::string("x"); },
        [](auto) { return ""; }));
    Layout layout{"binary"};
    if (!dictionary) layout.set = [](auto& p) { p.disable_dictionary(); };
    EXPECT_THAT(error_of(parquet_of(columns, layout), {}, "x.parquet"), HasSubstr("x.parquet: column 'b':"))
        << "halves of a character in two rows";
  }
}

// Damage is an error or goes unnoticed (there are no checksums); it is never a crash.
TEST_F(ParquetReader, FilesCutAtAnyByteAreRefusedAndDamagedOnesDoNotCrash) {
  const std::vector<KnownColumn> columns = known_columns(90, [](auto row) { return row % 7 == 3; });
  for (const Layout& layout : layouts()) {
    SCOPED_TRACE(layout.name);
    const std::string bytes = parquet_of(columns, layout);
    for (std::size_t size = 4; size < bytes.size(); size += 1 + bytes.size() / 60) {
      EXPECT_THAT(error_of(bytes.substr(0, size), {}, "x.parquet"), HasSubstr("x.parquet: damaged Parquet")) << size;
    }
    for (std::uint64_t round = 0; round < 150; ++round) {
      Random random(11, layout.name, round);
      std::string damaged = bytes;
      for (std::size_t n = 1 + random.below(4); n > 0; --n) {
        // Half of them in the last part, where the metadata stand.
        const std::size_t part = random.below(2) == 0 ? damaged.size() : damaged.size() / 4;
        damaged[damaged.size() - 1 - random.below(part)] = static_cast<char>(random.below(256));
      }
      error_of(damaged, {}, "x.parquet");
    }
  }
}

}  // namespace
}  // namespace cupel::source
