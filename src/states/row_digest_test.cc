#include "states/row_digest.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string_view>

#include "base/random.h"
#include "states/digest_list.h"
#include "states/sample_tables_internal.h"

namespace cupel::states {
namespace {

using table::ColumnBuilder;
using table::Type;

template <typename... Values>
ColumnBuilder column(Type type, Values... values) {
  ColumnBuilder built(type);
  (built.append(values), ...);
  return built;
}

RowDigest digest_of(std::vector<ColumnBuilder> columns) {
  table::Schema schema;
  std::vector<int> slots;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    slots.push_back(static_cast<int>(i));
    schema.fields.push_back({"c" + std::to_string(i), columns[i].type()});
  }
  const table::Table table(std::move(schema), std::move(columns));
  RowDigest digest(slots);
  Random random(1, "rows");
  feed(digest, table, 0, table.num_rows(), 5, 0, random);
  return digest;
}

using std::string_view_literals::operator""sv;

RowDigest of_pairs(const std::vector<std::pair<std::int64_t, std::string_view>>& rows) {
  ColumnBuilder numbers(Type::integer);
  ColumnBuilder texts(Type::text);
  for (const auto& [number, text] : rows) {
    numbers.append(number);
    texts.append(text);
  }
  std::vector<ColumnBuilder> columns;
  columns.push_back(std::move(numbers));
  columns.push_back(std::move(texts));
  return digest_of(std::move(columns));
}

TEST(RowDigest, IsThatOfTheRowsInAnyOrder) {
  const auto digest = of_pairs({{1, "a"}, {2, "b"}, {3, "c"}}).digest();
  EXPECT_EQ(of_pairs({{3, "c"}, {1, "a"}, {2, "b"}}).digest(), digest);
  EXPECT_NE(of_pairs({{3, "c"}, {1, "b"}, {2, "a"}}).digest(), digest) << "the columns hold the same values, the rows do not";
  EXPECT_NE(of_pairs({{1, "a"}, {2, "b"}}).digest(), digest);
  EXPECT_NE(of_pairs({{1, "a"}, {2, "b"}, {4, "c"}}).digest(), digest);
}

TEST(RowDigest, CountsRowsThatRepeat) {
  const auto digest = of_pairs({{1, "a"}, {1, "a"}, {2, "b"}}).digest();
  EXPECT_NE(of_pairs({{1, "a"}, {2, "b"}, {2, "b"}}).digest(), digest);
  EXPECT_NE(of_pairs({{2, "b"}}).digest(), digest) << "two equal rows cancel nothing";
}

TEST(RowDigest, TellsValuesApartAsCountsOfValuesDo) {
  const auto of = [](ColumnBuilder built) {
    std::vector<ColumnBuilder> columns;
    columns.push_back(std::move(built));
    return digest_of(std::move(columns)).digest();
  };
  EXPECT_EQ(of(column(Type::integer, std::int64_t{3})), of(column(Type::number, 3.0)));
  EXPECT_EQ(of(column(Type::number, 0.0)), of(column(Type::number, -0.0)));
  EXPECT_EQ(of(column(Type::number, NAN)), of(column(Type::number, -NAN)));
  EXPECT_NE(of(column(Type::integer, std::int64_t{3})), of(column(Type::text, "3"sv)));
  EXPECT_NE(of(column(Type::number, 3.0)), of(column(Type::number, 3.5)));
  ColumnBuilder null(Type::text);
  null.append_null();
  EXPECT_NE(of(std::move(null)), of(column(Type::text, ""sv)));
}

// The same sum by the compiler's 128-bit numbers, over the list of the rows' digests.
TEST(RowDigest, IsTheSumModulo2To128) {
  __extension__ using Wide = unsigned __int128;
  const table::Table table = sample_table(Type::text, 2, 5000, 1'000'000, 0.1, 4);
  RowDigest digest({0, 1});
  DigestList list({0, 1});
  Random random(1, "rows");
  Random same(1, "rows");
  feed(digest, table, 0, table.num_rows(), 100, 3, random);
  feed(list, table, 0, table.num_rows(), 100, 3, same);
  Wide sum = 0;
  list.records().for_each([&](const DigestList::Record& record) {
    const KeyDigest key = record.digest(list.by());
    sum += (static_cast<Wide>(key.high) << 64) | key.low;
  });
  EXPECT_EQ(digest.digest().high, static_cast<std::uint64_t>(sum >> 64));
  EXPECT_EQ(digest.digest().low, static_cast<std::uint64_t>(sum));
  EXPECT_EQ(digest.rows(), list.count());
}

}  // namespace
}  // namespace cupel::states
