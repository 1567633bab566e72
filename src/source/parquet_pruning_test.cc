#include <arrow/io/memory.h>
#include <arrow/ipc/writer.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>

#include <cmath>

#include "base/random.h"
#include "source/arrow_rows_internal.h"
#include "source/write.h"
#include "source/written_file_internal.h"

namespace cupel::source {
namespace {

class ParquetPruning : public WithFiles {
 protected:
  // Rows that satisfy `where`, from the file (which may prune) and from the same rows in memory (which cannot).
  void expect_same(const std::string& path, const std::string& where) const {
    SCOPED_TRACE(where);
    const auto all = read_table(path);
    ASSERT_TRUE(all) << all.error().text();
    const auto expression = table::Expression::parse(where, "test");
    ASSERT_TRUE(expression) << expression.error().text();
    auto pruned = open_filtered(*open_source(path), *expression);
    ASSERT_TRUE(pruned) << pruned.error().text();
    auto whole = open_filtered(std::make_unique<table::Table>(*all), *expression);
    ASSERT_TRUE(whole) << whole.error().text();
    const auto a = read_table(**pruned);
    const auto b = read_table(**whole);
    ASSERT_TRUE(a) << a.error().text();
    ASSERT_TRUE(b) << b.error().text();
    EXPECT_EQ(shown(*a), shown(*b));
  }
  static std::string condition(Random& random, int depth) {
    const auto pick = [&](std::initializer_list<const char*> words) { return std::string(*(words.begin() + random.below(words.size()))); };
    if (depth > 0) {
      switch (random.below(4)) {
        case 0: return "(" + condition(random, depth - 1) + " and " + condition(random, depth - 1) + ")";
        case 1: return "(" + condition(random, depth - 1) + " or " + condition(random, depth - 1) + ")";
        case 2: return "not (" + condition(random, depth - 1) + ")";
        default: break;
      }
    }
    const std::string op = pick({"<", "<=", "=", "!=", ">", ">="});
    const std::string integer = std::to_string(static_cast<int>(random.below(14)) - 2);
    switch (random.below(8)) {
      case 0: return "n " + op + " " + integer;
      case 1: return integer + ".5 " + op + " x";
      case 2: return "t " + op + " '" + pick({"a", "b", "c", "ab", "zz", ""}) + "'";
      case 3: return pick({"n", "x", "t", "f", "k"}) + " is " + pick({"", "not "}) + "null";
      case 4: return "n in (" + integer + ", 7" + pick({"", ", null"}) + ")";
      case 5: return "starts_with(t, '" + pick({"a", "ab", "c", "z"}) + "')";
      case 6: return "f";
      default: return "k " + op + " " + integer;
    }
  }
};

TEST_F(ParquetPruning, FilteredRowsAreThoseOfTheUnprunedTable) {
  for (std::uint64_t round = 0; round < 12; ++round) {
    Random random(5, "tables", round);
    for (int file = 0; file < 4; ++file) {
      std::string csv = "n,x,t,f\n";
      const auto base = static_cast<std::int64_t>(random.below(8));
      const bool nulls = random.below(2) == 0;
      const std::uint64_t empty = random.below(6);  // one column without values, or none
      for (int row = 0; row < 5; ++row) {
        const auto field = [&](std::uint64_t c, const std::string& value) { return empty == c || (nulls && random.below(4) == 0) ? std::string() : value; };
        csv += field(0, std::to_string(base + static_cast<std::int64_t>(random.below(3)))) + ",";
        csv += field(1, std::to_string(base + static_cast<std::int64_t>(random.below(3))) + ".5") + ",";
        csv += field(2, std::string(1, static_cast<char>('a' + base / 3)) + (random.below(2) == 0 ? "b" : "")) + ",";
        csv += field(3, base % 2 == 0 ? "true" : "false") + "\n";
      }
      ReadOptions types;
      types.types = {{"n", table::Type::integer}, {"x", table::Type::number}, {"t", table::Type::text}, {"f", table::Type::boolean}};
      const auto rows = read_table(write("scratch.csv", csv), types);
      ASSERT_TRUE(rows) << rows.error().text();
      const std::string folder = path_of(fmt::format("d{}/k={}", round, file == 3 ? "__HIVE_DEFAULT_PARTITION__" : std::to_string(file * 3)));
      fs::create_directories(folder);
      ASSERT_TRUE(write_table(folder + "/x.parquet", *rows));
    }
    for (int i = 0; i < 60; ++i) expect_same(path_of(fmt::format("d{}", round)), condition(random, 3));
    if (HasFailure()) return;
  }
}

// A group that is read although it is damaged would be an error.
TEST_F(ParquetPruning, GroupsWithoutAMatchAreNotRead) {
  for (const int k : {1, 2}) {
    std::string csv = "n,x\n";
    for (int row = 0; row < 100; ++row) csv += fmt::format("{},{}.5\n", k * 1000 + row, row);
    const auto rows = read_table(write("scratch.csv", csv));
    ASSERT_TRUE(rows);
    fs::create_directories(path_of(fmt::format("d/k={}", k)));
    ASSERT_TRUE(write_table(path_of(fmt::format("d/k={}/x.parquet", k)), *rows));
  }
  std::string bytes;
  {
    std::ifstream in(path_of("d/k=1/x.parquet"), std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  std::fill(bytes.begin() + 4, bytes.begin() + 60, '\xFF');
  write("d/k=1/x.parquet", bytes);
  const auto rows_of = [&](const char* where) -> std::int64_t {
    auto source = open_filtered(*open_source(path_of("d")), *table::Expression::parse(where, "test"));
    EXPECT_TRUE(source);
    const auto table = read_table(**source);
    return table ? table->num_rows() : -1;
  };
  EXPECT_EQ(rows_of("k = 2"), 100);
  EXPECT_EQ(rows_of("n >= 2000"), 100);
  EXPECT_EQ(rows_of("not (n < 2050) and x > 0"), 50);
  EXPECT_EQ(rows_of("n >= 1000"), -1);
  EXPECT_EQ(rows_of("not (x > 1000)"), -1) << "x may be NaN";
}

/// Fifty rows in groups of five: numbers with NaN and zeros of both signs, days, instants, texts; in some groups everything is null, in some nothing.
std::shared_ptr<arrow::RecordBatch> rows_of_every_kind(Random& random) {
  constexpr std::int64_t k_rows = 50;
  constexpr std::int64_t k_day = 86'400'000'000;
  arrow::Int32Builder whole;
  arrow::DoubleBuilder number;
  arrow::Date32Builder day;
  arrow::TimestampBuilder at(arrow::timestamp(arrow::TimeUnit::MICRO), arrow::default_memory_pool());
  arrow::StringBuilder text;
  std::int64_t base = 0;
  std::uint64_t kind_of_nulls = 0;
  for (std::int64_t row = 0; row < k_rows; ++row) {
    if (row % 5 == 0) {
      base = static_cast<std::int64_t>(random.below(9)) - 2;
      kind_of_nulls = random.below(4);
    }
    const auto is_null = [&] { return kind_of_nulls == 0 || (kind_of_nulls == 1 && random.below(3) == 0); };
    const auto value = [&] { return base + static_cast<std::int64_t>(random.below(3)); };
    EXPECT_TRUE((is_null() ? whole.AppendNull() : whole.Append(static_cast<std::int32_t>(value()))).ok());
    const double odd = random.below(2) == 0 ? -0.0 : std::nan("");
    EXPECT_TRUE((is_null() ? number.AppendNull() : number.Append(random.below(4) == 0 ? odd : static_cast<double>(value()))).ok());
    EXPECT_TRUE((is_null() ? day.AppendNull() : day.Append(static_cast<std::int32_t>(value()))).ok());
    EXPECT_TRUE((is_null() ? at.AppendNull() : at.Append(value() * k_day + (random.below(2) == 0 ? k_day / 2 : 0))).ok());
    EXPECT_TRUE((is_null() ? text.AppendNull() : text.Append(std::string(1, static_cast<char>('c' + value())))).ok());
  }
  const auto schema = arrow::schema({arrow::field("n", arrow::int32()), arrow::field("x", arrow::float64()), arrow::field("day", arrow::date32()),
                                     arrow::field("at", arrow::timestamp(arrow::TimeUnit::MICRO)), arrow::field("t", arrow::utf8())});
  return arrow::RecordBatch::Make(schema, k_rows,
                                  {whole.Finish().ValueOrDie(), number.Finish().ValueOrDie(), day.Finish().ValueOrDie(), at.Finish().ValueOrDie(), text.Finish().ValueOrDie()});
}

std::string condition_of_every_kind(Random& random, int depth) {
  if (depth > 0 && random.below(4) != 0) {
    const std::string left = condition_of_every_kind(random, depth - 1);
    const std::uint64_t kind = random.below(3);
    return kind == 0 ? "not (" + left + ")" : "(" + left + (kind == 1 ? " and " : " or ") + condition_of_every_kind(random, depth - 1) + ")";
  }
  constexpr const char* k_comparisons[] = {"<", "<=", "=", "!=", ">", ">="};
  constexpr const char* k_columns[] = {"n", "x", "day", "at", "t"};
  const std::string op = k_comparisons[random.below(6)];
  const std::string whole = std::to_string(static_cast<int>(random.below(12)) - 3);
  const std::string day = fmt::format("'19{}'", random.below(3) == 0 ? "69-12-31" : fmt::format("70-01-{:02}", 1 + random.below(9)));
  switch (random.below(6)) {
    case 0: return "n " + op + " " + whole;
    case 1: return "x " + op + " " + whole;
    case 2: return "day " + op + " " + day;
    case 3: return "at " + op + " " + day.substr(0, day.size() - 1) + (random.below(2) == 0 ? "T12:00:00Z'" : "'");
    case 4: return "t " + op + " '" + std::string(1, static_cast<char>('a' + random.below(9))) + "'";
    default: return std::string(k_columns[random.below(5)]) + " is " + (random.below(2) == 0 ? "" : "not ") + "null";
  }
}

TEST_F(ParquetPruning, GroupsOfNumbersDaysAndTextsWithNullsAndNaNShowTheSameRows) {
  for (std::uint64_t round = 0; round < 8; ++round) {
    Random random(6, "groups", round);
    const auto rows = rows_of_every_kind(random);
    const auto out = arrow::io::BufferOutputStream::Create().ValueOrDie();
    ASSERT_TRUE(parquet::arrow::WriteTable(*arrow::Table::FromRecordBatches({rows}).ValueOrDie(), arrow::default_memory_pool(), out, 5).ok());
    const std::string path = write(fmt::format("{}.parquet", round), (*out->Finish())->ToString());
    for (int i = 0; i < 150; ++i) expect_same(path, condition_of_every_kind(random, 3));
    if (HasFailure()) return;
  }
}

TEST_F(ParquetPruning, PartitionsOfArrowFilesShowTheSameRows) {
  Random random(7, "partitions", 0);
  for (const char* const k : {"0", "3", "6", "__HIVE_DEFAULT_PARTITION__"}) {
    const auto rows = rows_of_every_kind(random);
    const auto out = arrow::io::BufferOutputStream::Create().ValueOrDie();
    const auto writer = arrow::ipc::MakeFileWriter(out, rows->schema()).ValueOrDie();
    ASSERT_TRUE(writer->WriteRecordBatch(*rows).ok() && writer->Close().ok());
    fs::create_directories(path_of(fmt::format("ipc/k={}", k)));
    write(fmt::format("ipc/k={}/x.arrow", k), (*out->Finish())->ToString());
  }
  for (int i = 0; i < 150; ++i) {
    const std::string of_partition = fmt::format("k {} {}", random.below(2) == 0 ? "<=" : "=", random.below(8));
    expect_same(path_of("ipc"), random.below(2) == 0 ? of_partition + " and " + condition_of_every_kind(random, 2) : "not (" + of_partition + ")");
  }
}

}  // namespace
}  // namespace cupel::source
