#include "states/value_counts.h"

#include <gtest/gtest.h>

#include <map>

#include "states/sample_tables_internal.h"

namespace cupel::states {
namespace {

using table::ColumnBuilder;
using table::Type;

ValueCounts counted(const ColumnBuilder& column) {
  const table::Table table(table::Schema{{{"c0", column.type()}}}, {column});
  ValueCounts counts(0);
  Random random(1, "feed");
  feed(counts, table, 0, table.num_rows(), 7, 0, random);
  return counts;
}

TEST(ValueCounts, CountTextsAndRememberTheFirstRow) {
  ColumnBuilder column(Type::text);
  for (const std::string_view text : {"b", "a", "", "b", "c", "b", "a"}) column.append(text);
  column.append_null();
  const ValueCounts counts = counted(column);
  EXPECT_EQ(counts.by_count(), (std::vector<ValueCounts::Entry>{{"b", 3, 0}, {"a", 2, 1}, {"", 1, 2}, {"c", 1, 4}}));
  EXPECT_EQ(counts.by_count(1), (std::vector<ValueCounts::Entry>{{"b", 3, 0}}));
  EXPECT_EQ(counts.nulls(), 1);
  EXPECT_EQ(counts.count(), 7);
  EXPECT_EQ(counts.count_of("a"), 2);
  EXPECT_EQ(counts.count_of("d"), 0);
}

TEST(ValueCounts, TellNumbersApartByTheirExactValue) {
  ColumnBuilder column(Type::number);
  for (const double value : {0.1 + 0.2, 0.3, 3.0, -0.0, 0.0, 3.0, double(NAN), -double(NAN)}) column.append(value);
  const ValueCounts counts = counted(column);
  EXPECT_EQ(counts.distinct(), 5);
  EXPECT_EQ(counts.count_of("0.3"), 1);
  EXPECT_EQ(counts.count_of("0.30000000000000004"), 1);
  EXPECT_EQ(counts.count_of("3.0"), 2);
  EXPECT_EQ(counts.count_of("3"), 2);
  EXPECT_EQ(counts.count_of("0"), 2);
  EXPECT_EQ(counts.count_of("nan"), 2);
  EXPECT_EQ(counts.count_of("three"), 0);
}

TEST(ValueCounts, KeepIntegersBeyondDoubleApart) {
  ColumnBuilder column(Type::integer);
  column.append(std::int64_t{9007199254740992});
  column.append(std::int64_t{9007199254740993});
  const ValueCounts counts = counted(column);
  EXPECT_EQ(counts.distinct(), 2);
  EXPECT_EQ(counts.count_of("9007199254740993"), 1);
}

TEST(ValueCounts, OrderEqualCountsByValueAndNotByText) {
  ColumnBuilder column(Type::integer);
  for (const int value : {10, 9, -1}) column.append(value);
  const ValueCounts counts = counted(column);
  EXPECT_EQ(counts.by_count()[0].value, "-1");
  EXPECT_EQ(counts.by_count()[1].value, "9");
  EXPECT_EQ(counts.by_count()[2].value, "10");
}

TEST(ValueCounts, ADictionaryCountsAsItsTextsDo) {
  Random random(3, "dictionary");
  ColumnBuilder entries(Type::text);
  for (const std::string_view text : {"tops", "dresses", "never used", "tops"}) entries.append(text);
  std::vector<std::int32_t> codes;
  std::map<std::string, std::int64_t> truth;
  for (int i = 0; i < 1000; ++i) {
    codes.push_back(std::array{0, 1, 3}[random.below(3)]);
    ++truth[codes.back() == 1 ? "dresses" : "tops"];
  }
  const table::Column dictionary = entries.view();
  table::Column column;
  column.num_rows = 1000;
  column.codes = codes.data();
  column.dictionary = &dictionary;
  ValueCounts counts(0);
  counts.update(table::Batch{0, 1000, {column}}, Selection{});
  EXPECT_EQ(counts.distinct(), 2);
  for (const auto& [text, count] : truth) EXPECT_EQ(counts.count_of(text), count);
}

TEST(ValueCounts, PartsOfDifferentTypesMeetAsText) {
  ColumnBuilder integers(Type::integer);
  for (const int value : {1, 2, 2}) integers.append(value);
  ColumnBuilder numbers(Type::number);
  for (const double value : {2.0, 2.5}) numbers.append(value);
  ColumnBuilder texts(Type::text);
  texts.append(std::string_view("2"));
  ValueCounts merged = counted(integers);
  merged.merge(counted(numbers));
  merged.merge(counted(texts));
  EXPECT_EQ(merged.by_count(), (std::vector<ValueCounts::Entry>{{"2", 4, 1}, {"1", 1, 0}, {"2.5", 1, 4}}));
}

TEST(ValueCounts, ManyValuesOfEveryLengthAreAllFound) {
  ColumnBuilder column(Type::text);
  std::map<std::string, std::int64_t> truth;
  Random random(5, "texts");
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (std::uint64_t size = random.below(40); size > 0; --size) text.push_back(static_cast<char>('a' + random.below(2)));
    ++truth[text];
    column.append(std::string_view(text));
  }
  const ValueCounts counts = counted(column);
  EXPECT_EQ(counts.distinct(), static_cast<std::int64_t>(truth.size()));
  for (const auto& [text, count] : truth) ASSERT_EQ(counts.count_of(text), count) << text;
}

}  // namespace
}  // namespace cupel::states
