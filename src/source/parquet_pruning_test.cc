#include <gtest/gtest.h>

#include "base/random.h"
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

}  // namespace
}  // namespace cupel::source
