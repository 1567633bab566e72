#include <arrow/io/memory.h>
#include <arrow/ipc/writer.h>
#include <arrow/util/compression.h>
#include <gmock/gmock.h>

#include "base/random.h"
#include "source/arrow_rows_internal.h"
#include "source/written_file_internal.h"

namespace cupel::source {
namespace {

using testing::HasSubstr;

class IpcReader : public WithFiles {
 protected:
  struct Layout {
    std::string name;
    bool is_stream = false;
    std::int64_t batch_rows = 1'000'000;
    arrow::Compression::type compression = arrow::Compression::UNCOMPRESSED;
  };
  static std::vector<Layout> layouts() {
    return {{"file"},
            {"stream", true},
            {"file of many batches, zstd", false, 97, arrow::Compression::ZSTD},
            {"stream of many batches, lz4", true, 97, arrow::Compression::LZ4_FRAME}};
  }
  static std::string ipc_of(const std::vector<KnownColumn>& columns, const Layout& layout) {
    const auto rows = as_record_batch(columns);
    const auto out = arrow::io::BufferOutputStream::Create().ValueOrDie();
    auto options = arrow::ipc::IpcWriteOptions::Defaults();
    if (layout.compression != arrow::Compression::UNCOMPRESSED) options.codec = arrow::util::Codec::Create(layout.compression).ValueOrDie();
    const auto writer = (layout.is_stream ? arrow::ipc::MakeStreamWriter(out, rows->schema(), options)
                                          : arrow::ipc::MakeFileWriter(out, rows->schema(), options))
                            .ValueOrDie();
    for (std::int64_t from = 0; from < rows->num_rows(); from += layout.batch_rows) {
      EXPECT_TRUE(writer->WriteRecordBatch(*rows->Slice(from, layout.batch_rows)).ok());
    }
    EXPECT_TRUE(writer->Close().ok());
    return (*out->Finish())->ToString();
  }
};

TEST_F(IpcReader, EveryTypeReadsAsWrittenInEveryLayout) {
  const std::vector<std::pair<std::string, IsNull>> nulls = {{"no nulls", [](auto) { return false; }},
                                                             {"some nulls", [](auto row) { return row % 7 == 3 || row % 11 == 0; }},
                                                             {"all nulls", [](auto) { return true; }}};
  for (const auto& [kind, is_null] : nulls) {
    const std::vector<KnownColumn> columns = known_columns(701, is_null);
    for (const Layout& layout : layouts()) {
      SCOPED_TRACE(layout.name + ", " + kind);
      const auto source = open_source(write("x.arrow", ipc_of(columns, layout)));
      ASSERT_TRUE(source) << source.error().text();
      for (const std::int64_t batch_rows : {3, 4096}) {
        table::ScanOptions options;
        options.threads = batch_rows == 3 ? 3 : 1;
        options.batch_rows = batch_rows;
        expect_known(**source, columns, options);
        if (HasFailure()) return;
      }
    }
  }
}

TEST_F(IpcReader, SomeColumnsInAnyOrderAndNoneAtAll) {
  const std::vector<KnownColumn> columns = known_columns(250, [](auto row) { return row % 10 == 1; });
  for (const Layout& layout : layouts()) {
    const auto source = open_source(write("x.feather", ipc_of(columns, layout)));
    ASSERT_TRUE(source) << source.error().text();
    ShownRows shown;
    const std::vector<table::ColumnRequest> requests = {{10}, {2}, {10}};
    ASSERT_TRUE((*source)->scan(requests, shown, {}));
    EXPECT_EQ(shown.columns[0], columns[10].texts);
    EXPECT_EQ(shown.columns[1], columns[2].texts);
    EXPECT_EQ(shown.columns[2], columns[10].texts);
    ShownRows none;
    const auto rows = (*source)->scan({}, none, {});
    ASSERT_TRUE(rows);
    EXPECT_EQ(*rows, 250);
    EXPECT_EQ((*source)->origin()->digest.size(), 64u);
  }
}

TEST_F(IpcReader, ANullInADictionaryIsANull) {
  arrow::StringBuilder entries;
  ASSERT_TRUE(entries.Append("a").ok());
  ASSERT_TRUE(entries.AppendNull().ok());
  arrow::Int8Builder indices;
  ASSERT_TRUE(indices.AppendValues({0, 1, 0}).ok());
  ASSERT_TRUE(indices.AppendNull().ok());
  const auto array =
      arrow::DictionaryArray::FromArrays(arrow::dictionary(arrow::int8(), arrow::utf8()), *indices.Finish(), *entries.Finish())
          .ValueOrDie();
  const std::vector<KnownColumn> columns = {{"d", array, table::Type::text, {"a", "null", "a", "null"}}};
  const auto source = open_source(write("x.arrow", ipc_of(columns, {"file"})));
  ASSERT_TRUE(source) << source.error().text();
  expect_known(**source, columns, {});
}

TEST_F(IpcReader, FilesCutAtAnyByteAreRefusedAndDamagedOnesDoNotCrash) {
  const std::vector<KnownColumn> columns = known_columns(90, [](auto row) { return row % 7 == 3; });
  for (const Layout& layout : layouts()) {
    SCOPED_TRACE(layout.name);
    const std::string bytes = ipc_of(columns, layout);
    for (std::size_t size = 8; size < bytes.size(); size += 1 + bytes.size() / 60) {
      const std::string error = error_of(bytes.substr(0, size), {}, "x.arrow");
      // A stream may end between two batches: its end mark is optional.
      if (!layout.is_stream) {
        EXPECT_THAT(error, HasSubstr("x.arrow: damaged Arrow IPC")) << size;
      }
    }
    for (std::uint64_t round = 0; round < 150; ++round) {
      Random random(11, layout.name, round);
      std::string damaged = bytes;
      for (std::size_t n = 1 + random.below(4); n > 0; --n)
        damaged[8 + random.below(damaged.size() - 8)] = static_cast<char>(random.below(256));
      error_of(damaged, {}, "x.arrow");
    }
  }
}

TEST_F(IpcReader, TheFirstVersionOfFeatherIsNamed) {
  EXPECT_THAT(error_of("FEA1....", {}, "x.feather"), HasSubstr("a Feather file of version 1"));
}

}  // namespace
}  // namespace cupel::source
