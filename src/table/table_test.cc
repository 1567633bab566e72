#include "table/table.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "table/ordered_chunks.h"
#include "table/splits.h"

namespace cupel::table {
namespace {

Table sample() {
  ColumnBuilder ratings(Type::integer);
  ColumnBuilder titles(Type::text);
  ColumnBuilder prices(Type::number);
  ColumnBuilder flags(Type::boolean);
  ColumnBuilder times(Type::timestamp);
  for (int row = 0; row < 100; ++row) {
    row % 7 == 0 ? ratings.append_null() : ratings.append(row);
    row % 5 == 0 ? titles.append_null() : titles.append(std::string_view("title " + std::to_string(row)));
    prices.append(row / 4.0);
    flags.append(row % 2);
    times.append(std::int64_t{row} * 86'400'000'000);
  }
  return {
      Schema{{{"rating", Type::integer}, {"title", Type::text}, {"price", Type::number}, {"flag", Type::boolean}, {"at", Type::timestamp}}},
      {ratings, titles, prices, flags, times}};
}

TEST(Table, ValuesPrintAsTheyReadBack) {
  const Table table = sample();
  EXPECT_EQ(value_text(table.column(0), 0), "");
  EXPECT_EQ(value_text(table.column(0), 1), "1");
  EXPECT_EQ(value_text(table.column(1), 3), "title 3");
  EXPECT_EQ(value_text(table.column(2), 3), "0.75");
  EXPECT_EQ(value_text(table.column(2), 4), "1");
  EXPECT_EQ(value_text(table.column(3), 1), "true");
  EXPECT_EQ(value_text(table.column(4), 1), "1970-01-02");
}

TEST(Table, AnUnknownColumnNamesTheNearest) {
  const Table table = sample();
  const Result<Column> column = table.column("raitng");
  ASSERT_FALSE(column);
  EXPECT_EQ(column.error().message, "unknown column 'raitng' (nearest: 'rating')");
  EXPECT_TRUE(table.column("rating"));
}

TEST(Table, TakeKeepsOrderRepetitionAndNulls) {
  const Table taken = sample().take(std::vector<std::int64_t>{8, 0, 8, 5});
  EXPECT_EQ(taken.num_rows(), 4);
  EXPECT_EQ(value_text(taken.column(0), 0), "8");
  EXPECT_TRUE(taken.column(0).is_null(1));
  EXPECT_EQ(value_text(taken.column(1), 2), "title 8");
  EXPECT_TRUE(taken.column(1).is_null(3));
  EXPECT_EQ(sample().take({}).num_rows(), 0);
}

TEST(Table, AReplacedColumnMayHaveAnotherType) {
  ColumnBuilder texts(Type::text);
  for (int row = 0; row < 100; ++row) texts.append(std::string_view("x"));
  const Table table = sample().with_column(0, texts);
  EXPECT_EQ(table.schema().fields[0].type, Type::text);
  EXPECT_EQ(value_text(table.column(0), 7), "x");
  EXPECT_EQ(value_text(table.column(1), 3), "title 3");
}

TEST(Table, ABuilderOfNullsTakesAnyType) {
  ColumnBuilder column(Type::integer);
  column.append_null();
  column.append_null();
  column.set_type(Type::text);
  column.append(std::string_view("late"));
  EXPECT_TRUE(column.view().is_null(1));
  EXPECT_EQ(column.view().text(2), "late");
}

TEST(Table, ASliceSeesTheSameValuesAndNulls) {
  const Table table = sample();
  for (int field = 0; field < 5; ++field) {
    const Column whole = table.column(field);
    const Column twice = slice(slice(whole, 3, 90), 10, 50);
    EXPECT_EQ(twice.num_rows, 50);
    for (std::int64_t row = 0; row < 50; ++row) {
      EXPECT_EQ(twice.is_null(row), whole.is_null(row + 13));
      EXPECT_EQ(value_text(twice, row), value_text(whole, row + 13));
    }
  }
}

// Writes down all values that it sees, in the order of merging.
class Recorder : public ChunkVisitor {
 public:
  struct Seen : Chunk {
    void visit(const Batch& batch) override {
      EXPECT_EQ(batch.first_row, rows);
      rows += batch.num_rows;
      for (std::int64_t row = 0; row < batch.num_rows; ++row) {
        for (const Column& column : batch.columns) text += value_text(column, row) + "|";
        text += "\n";
      }
    }
    std::string text;
    std::int64_t rows = 0;
  };
  std::unique_ptr<Chunk> make_chunk(std::int64_t) override { return std::make_unique<Seen>(); }
  void merge(std::unique_ptr<Chunk> chunk, std::int64_t num_rows) override {
    EXPECT_EQ(static_cast<Seen&>(*chunk).rows, num_rows);
    text += static_cast<Seen&>(*chunk).text;
    ++chunks;
  }
  void restart() override { text.clear(); }
  std::string text;
  int chunks = 0;
};

TEST(Table, AScanShowsEveryRowOnceInOrderHoweverItIsCut) {
  Table table = sample();
  std::string truth;
  for (std::int64_t row = 0; row < 100; ++row)
    truth += value_text(table.column(2), row) + "|" + value_text(table.column(0), row) + "|" + value_text(table.column(0), row) + "|\n";
  const std::vector<ColumnRequest> requests = {{2}, {0, ColumnRequest::As::text}, {0}};
  for (const std::int64_t chunk_bytes : {1, 64 * 9, 1 << 20}) {
    for (const int threads : {1, 2, 5}) {
      for (const std::int64_t batch_rows : {1, 7, 4096}) {
        Recorder recorder;
        const Result<std::int64_t> rows = table.scan(requests, recorder, {threads, chunk_bytes, batch_rows, {}});
        ASSERT_TRUE(rows);
        EXPECT_EQ(*rows, 100);
        EXPECT_EQ(recorder.text, truth);
        EXPECT_EQ(recorder.chunks, chunk_bytes == 1 ? 100 : chunk_bytes == 64 * 9 ? 12 : 1);
      }
    }
  }
}

TEST(Table, ATextRequestOfNumbersIsText) {
  Table table = sample();
  struct TypeOfFirst : ChunkVisitor {
    struct Seen : Chunk {
      void visit(const Batch& batch) override { type = batch.columns[0].type; }
      Type type = Type::number;
    };
    std::unique_ptr<Chunk> make_chunk(std::int64_t) override { return std::make_unique<Seen>(); }
    void merge(std::unique_ptr<Chunk> chunk, std::int64_t) override { EXPECT_EQ(static_cast<Seen&>(*chunk).type, Type::text); }
    void restart() override {}
  } visitor;
  const std::vector<ColumnRequest> requests = {{2, ColumnRequest::As::text}};
  EXPECT_TRUE(table.scan(requests, visitor, {}));
}

TEST(OrderedChunks, MergeInOrderOnTheCallingThread) {
  for (const int threads : {1, 2, 3, 8}) {
    std::vector<std::int64_t> merged;
    std::atomic<int> worked = 0;
    const auto caller = std::this_thread::get_id();
    ordered_chunks(
        500, threads, [&](std::int64_t) { ++worked; },
        [&](std::int64_t i) {
          EXPECT_EQ(std::this_thread::get_id(), caller);
          merged.push_back(i);
          return true;
        });
    EXPECT_EQ(worked, 500);
    ASSERT_EQ(merged.size(), 500u);
    for (std::int64_t i = 0; i < 500; ++i) EXPECT_EQ(merged[static_cast<std::size_t>(i)], i);
  }
}

TEST(OrderedChunks, NoChunkRunsFarAhead) {
  std::atomic<std::int64_t> merged = 0;
  std::atomic<std::int64_t> furthest = 0;
  ordered_chunks(
      300, 3,
      [&](std::int64_t i) {
        std::int64_t ahead = i - merged;
        std::int64_t known = furthest;
        while (ahead > known && !furthest.compare_exchange_weak(known, ahead)) {
        }
      },
      [&](std::int64_t i) {
        merged = i + 1;
        return true;
      });
  EXPECT_LE(furthest, 2 * 3 + 2);
}

TEST(OrderedChunks, StopWhenMergeSaysSo) {
  for (const int threads : {1, 2, 5}) {
    std::atomic<int> worked = 0;
    std::int64_t last = -1;
    ordered_chunks(
        1000, threads, [&](std::int64_t) { ++worked; },
        [&](std::int64_t i) {
          last = i;
          return i < 17;
        });
    EXPECT_EQ(last, 17);
    EXPECT_LT(worked, 17 + 2 * 5 + 4);
  }
}

TEST(OrderedChunks, NothingToDoIsDone) {
  ordered_chunks(
      0, 4, [](std::int64_t) { FAIL(); }, [](std::int64_t) { return false; });
}

// python: int(hashlib.sha256(f"{salt}:{value}".encode()).hexdigest()[:8], 16) / 2**32
TEST(HashSplit, IsTheRuleThatPythonComputes) {
  const auto between = [](std::string_view salt, std::string_view value, double fraction) {
    EXPECT_TRUE(is_held_out(value, {std::string(salt), {}, fraction + 1e-9}));
    EXPECT_FALSE(is_held_out(value, {std::string(salt), {}, fraction}));
  };
  between("cupel", "0", 0.7961430444847792);
  between("cupel", "1078", 0.634291484951973);
  between("s", "\xc3\xa9", 0.6079899203032255);
  between("", "", 0.9049687101505697);
}

TEST(HashSplit, HoldsOutGroupsWholeAndNearlyTheShare) {
  ColumnBuilder groups(Type::integer);
  for (int row = 0; row < 10000; ++row) groups.append(row % 500);
  const Table table(Schema{{{"group", Type::integer}}}, {groups});
  std::int64_t held = 0;
  const std::vector<bool> by_row = *held_out(table, {});
  for (const bool out : by_row) held += out ? 1 : 0;
  EXPECT_EQ(held, 1929);  // python's count of row numbers below 10,000
  const std::vector<bool> by_group = *held_out(table, {"cupel", "group", 0.2});
  for (std::size_t row = 500; row < by_group.size(); ++row) EXPECT_EQ(by_group[row], by_group[row % 500]);
}

TEST(HashSplit, RefusesAShareThatIsNone) {
  const Table table = sample();
  EXPECT_FALSE(held_out(table, {"cupel", "", 0}));
  EXPECT_FALSE(held_out(table, {"cupel", "", 1}));
  EXPECT_FALSE(held_out(table, {"cupel", "", NAN}));
  EXPECT_EQ(held_out(table, {"cupel", "titel", 0.2}).error().message, "unknown column 'titel' (nearest: 'title')");
}

}  // namespace
}  // namespace cupel::table
