// States that record rows: lists, keys, orders, extremes, samples.
#include <gtest/gtest.h>

#include "states/extremes.h"
#include "states/key_duplicates.h"
#include "states/order_check.h"
#include "states/sample.h"
#include "states/sample_tables_internal.h"

namespace cupel::states {
namespace {

using table::ColumnBuilder;
using table::Type;
using Rows = std::vector<std::int64_t>;

table::Table table_of(std::vector<ColumnBuilder> columns) {
  table::Schema schema;
  for (std::size_t i = 0; i < columns.size(); ++i) schema.fields.push_back({"c" + std::to_string(i), columns[i].type()});
  return {std::move(schema), std::move(columns)};
}

// Text where "-" stands for null.
ColumnBuilder texts(const std::vector<std::string_view>& values) {
  ColumnBuilder column(Type::text);
  for (const std::string_view value : values) value == "-" ? column.append_null() : column.append(value);
  return column;
}

ColumnBuilder numbers(const std::vector<double>& values) {
  ColumnBuilder column(Type::number);
  for (const double value : values) column.append(value);
  return column;
}

template <typename S>
S fed(S state, const table::Table& table, std::int64_t largest = 3) {
  Random random(1, "feed");
  feed(state, table, 0, table.num_rows(), largest, 0, random);
  return state;
}

TEST(RowList, KeepsRowsAcrossWideGapsAndShifts) {
  const Rows rows = {0, 1, 127, 128, 129, 300, 1'000'000, 5'000'000'000};
  RowList list;
  for (const std::int64_t row : rows) list.append(row);
  EXPECT_EQ(list.rows(), rows);
  EXPECT_EQ(list.rows(3), (Rows{0, 1, 127}));
  RowList before;
  before.append(7);
  before.append_shifted(list, 10);
  Rows expected = {7};
  for (const std::int64_t row : rows) expected.push_back(row + 10);
  EXPECT_EQ(before.rows(), expected);
  EXPECT_EQ(before.last(), 5'000'000'010);
  EXPECT_EQ(before.size(), 9);
}

TEST(KeyDuplicates, NullIsAKeyOfItsOwnAndAllNullIsNone) {
  const table::Table table = table_of({texts({"a", "a", "-", "-", "-", "a", "", "-"}), texts({"b", "b", "b", "b", "-", "-", "b", "-"})});
  const KeyDuplicates keys = fed(KeyDuplicates({0, 1}), table);
  EXPECT_EQ(keys.duplicate_rows()->rows(), (Rows{1, 3}));
  EXPECT_EQ(keys.skipped(), 2);
  EXPECT_EQ(keys.keys(), 6);
  EXPECT_EQ(keys.distinct(), 4);
}

TEST(KeyDuplicates, TextsOfACompoundKeyDoNotRunTogether) {
  const table::Table table = table_of({texts({"ab", "a", "", "abc"}), texts({"c", "bc", "abc", ""})});
  EXPECT_EQ(fed(KeyDuplicates({0, 1}), table).duplicates(), 0);
}

TEST(KeyDuplicates, ColumnsCountInTheirOrder) {
  const table::Table table = table_of({texts({"x", "y"}), texts({"y", "x"})});
  EXPECT_EQ(fed(KeyDuplicates({0, 1}), table).duplicates(), 0);
}

TEST(KeyDuplicates, NumbersAreEqualByValueAcrossTypes) {
  ColumnBuilder integers(Type::integer);
  for (const int value : {3, 4, 0}) integers.append(value);
  KeyDuplicates keys = fed(KeyDuplicates({0}), table_of({integers}));
  keys.merge(fed(KeyDuplicates({0}), table_of({numbers({3.0, -0.0, 4.5, NAN, -NAN, 1e300})})));
  EXPECT_EQ(keys.duplicate_rows()->rows(), (Rows{3, 4, 7}));
}

TEST(KeyDuplicates, ATextIsNotTheNumberThatItSpells) {
  KeyDuplicates keys = fed(KeyDuplicates({0}), table_of({numbers({3})}));
  keys.merge(fed(KeyDuplicates({0}), table_of({texts({"3"})})));
  EXPECT_EQ(keys.duplicates(), 0);
}

// Bytes that say it would make merge record one row twice.
TEST(KeyDuplicates, ARowIsNotTheFirstOfItsKeyAndADuplicate) {
  const auto bytes = [](std::int64_t duplicate) {
    ByteWriter out;
    for (const std::uint64_t whole : {4, 0, 2}) out.whole(whole);  // rows passed, skipped, keys
    for (const std::uint64_t row : {0, 2}) {
      out.fixed(row + 7);
      out.fixed(row + 9);
      out.whole(row);
    }
    RowList rows;
    rows.append(duplicate);
    rows.write(out);
    std::string sealed;
    out.seal("key_duplicates/1", sealed);
    return sealed;
  };
  for (const std::int64_t row : {1, 3}) EXPECT_TRUE(KeyDuplicates({0}).read(bytes(row))) << row;
  for (const std::int64_t row : {0, 2}) EXPECT_FALSE(KeyDuplicates({0}).read(bytes(row))) << row;
}

TEST(OrderCheck, ComparesWithThePresentValueBefore) {
  const table::Table table = table_of({texts({"a", "-", "b", "a", "b", "b"})});
  for (const std::int64_t largest : {1, 2, 6}) {
    EXPECT_EQ(fed(OrderCheck(0, Order::increasing), table, largest).unexpected_rows().rows(), (Rows{3}));
    EXPECT_EQ(fed(OrderCheck(0, Order::strictly_increasing), table, largest).unexpected_rows().rows(), (Rows{3, 5}));
    EXPECT_EQ(fed(OrderCheck(0, Order::decreasing), table, largest).unexpected_rows().rows(), (Rows{2, 4}));
    EXPECT_EQ(fed(OrderCheck(0, Order::strictly_decreasing), table, largest).unexpected_rows().rows(), (Rows{2, 4, 5}));
  }
}

TEST(OrderCheck, NanBreaksTheOrderAndIsNotThePreviousValue) {
  const OrderCheck check = fed(OrderCheck(0, Order::increasing), table_of({numbers({1, NAN, 0.5, 2})}));
  EXPECT_EQ(check.unexpected_rows().rows(), (Rows{1, 2}));
  EXPECT_EQ(check.examples(), (std::vector<RowCheck::Example>{{1, "nan"}, {2, "0.5"}}));
}

TEST(OrderCheck, TheSeamOfTwoPartsFindsItsPlaceAmongLaterRows) {
  OrderCheck check = fed(OrderCheck(0, Order::increasing), table_of({numbers({1, 9})}));
  check.merge(fed(OrderCheck(0, Order::increasing), table_of({numbers({NAN, 5, 4, 6})})));
  EXPECT_EQ(check.unexpected_rows().rows(), (Rows{2, 3, 4}));
  EXPECT_EQ(check.examples(), (std::vector<RowCheck::Example>{{2, "nan"}, {3, "5"}, {4, "4"}}));
}

// Bytes that say it would make merge record one row twice.
TEST(OrderCheck, TheFirstValueCannotBreakTheOrder) {
  const auto bytes = [](std::int64_t unexpected_row) {
    ByteWriter out;
    out.whole(static_cast<std::uint64_t>(Order::increasing));
    for (const std::uint64_t whole : {3, 3, 0, 1}) out.whole(whole);  // rows passed, tested, skipped, and there is a first and a last
    Scalar value;
    value.text = "a";
    for (const std::uint64_t row : {1, 2}) {
      value.write(out);
      out.whole(row);
    }
    RowList rows;
    rows.append(unexpected_row);
    rows.write(out);
    out.text("a");
    std::string sealed;
    out.seal("order_check/1", sealed);
    return sealed;
  };
  for (const std::int64_t row : {0, 2}) EXPECT_TRUE(OrderCheck(0, Order::increasing).read(bytes(row))) << row;
  EXPECT_FALSE(OrderCheck(0, Order::increasing).read(bytes(1)));
}

TEST(Extremes, KeepTheFirstRowOfATie) {
  const Extremes extremes = fed(Extremes(0), table_of({numbers({2, NAN, 7, 2, 7, -INFINITY})}));
  EXPECT_EQ(extremes.min()->value.number, -INFINITY);
  EXPECT_EQ(extremes.max()->value.number, 7);
  EXPECT_EQ(extremes.max()->row, 2);
  EXPECT_EQ(extremes.nans(), 1);
}

TEST(Extremes, TextIsOrderedByItsBytes) {
  const Extremes extremes = fed(Extremes(0), table_of({texts({"b", "-", "\xc3\xa9", "B", "", "Z"})}));
  EXPECT_EQ(extremes.min()->value.text, "");
  EXPECT_EQ(extremes.max()->value.text, "\xc3\xa9");
  EXPECT_EQ(extremes.nulls(), 1);
}

TEST(Extremes, IntegersAndNumbersMeetByExactValue) {
  ColumnBuilder integers(Type::integer);
  integers.append(std::int64_t{9007199254740993});
  Extremes extremes = fed(Extremes(0), table_of({integers}));
  extremes.merge(fed(Extremes(0), table_of({numbers({9007199254740992.0, 0.5})})));
  EXPECT_EQ(extremes.max()->value.integer, 9007199254740993);
  EXPECT_EQ(extremes.min()->value.number, 0.5);
  EXPECT_EQ(extremes.min()->row, 2);
}

// numpy.quantile([3, 1, 4, 1, 5, 9, 2, 6], p)
TEST(Sample, QuantilesAreThoseOfNumpy) {
  const Sample sample = fed(Sample(0), table_of({numbers({3, 1, 4, NAN, 1, 5, 9, 2, 6})}));
  EXPECT_EQ(*sample.quantile(0), 1);
  EXPECT_EQ(*sample.quantile(0.1), 1);
  EXPECT_DOUBLE_EQ(*sample.quantile(0.25), 1.75);
  EXPECT_DOUBLE_EQ(*sample.quantile(0.5), 3.5);
  EXPECT_DOUBLE_EQ(*sample.quantile(0.9), 6.9);
  EXPECT_EQ(*sample.quantile(1), 9);
  EXPECT_EQ(sample.nans(), 1);
  EXPECT_FALSE(Sample(0).quantile(0.5));
}

TEST(Sample, WalksThroughItsValuesInOrder) {
  for (const double step : {1.0, 0.5, 1e6}) {
    Random random(8, "sample");
    std::vector<double> values;
    for (int i = 0; i < 500; ++i) values.push_back(step * (static_cast<double>(random.below(90)) - 40));
    const Sample sample = fed(Sample(0), table_of({numbers(values)}), 100);
    std::sort(values.begin(), values.end());
    std::vector<double> walked;
    sample.for_each([&](const stats::Ascending::Group& group) { walked.insert(walked.end(), static_cast<std::size_t>(group.count), group.value); });
    EXPECT_EQ(walked, values);
  }
}

TEST(Sample, InfinitiesMakeNoQuantileNan) {
  const Sample sample = fed(Sample(0), table_of({numbers({-INFINITY, INFINITY, 0, -1e308, 1e308})}));
  for (double p = 0; p <= 1; p += 0.01) EXPECT_FALSE(std::isnan(*sample.quantile(p))) << p;
}

}  // namespace
}  // namespace cupel::states
