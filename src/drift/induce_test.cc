#include "drift/induce.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cupel::drift {
namespace {

using table::ColumnBuilder;
using table::Type;
using ::testing::HasSubstr;

table::Table small_table() {
  ColumnBuilder age(Type::integer), place(Type::text);
  for (int row = 0; row < 1000; ++row) {
    age.append(std::int64_t{20 + row % 50});
    if (row % 10 == 0)
      place.append_null();
    else
      place.append(std::string_view(row % 2 == 0 ? "north" : "south"));
  }
  std::vector<ColumnBuilder> columns;
  columns.push_back(std::move(age));
  columns.push_back(std::move(place));
  table::Schema schema;
  schema.fields.push_back({"Age", Type::integer, {}});
  schema.fields.push_back({"a:b", Type::text, {}});
  return table::Table(schema, std::move(columns));
}

TEST(Induce, shifts_every_number) {
  const auto induced = induce(small_table(), "Age:+5", 1);
  ASSERT_TRUE(induced) << induced.error().text();
  EXPECT_EQ(induced->rows_changed, 1000);
  EXPECT_EQ(induced->table.column(0).as_number(3), 28);
}

TEST(Induce, moves_a_share_of_the_rows_of_one_value_and_counts_them) {
  const auto induced = induce(small_table(), "a:b:north->south:25%", 1);
  ASSERT_TRUE(induced) << induced.error().text();
  EXPECT_NEAR(static_cast<double>(induced->rows_changed), 100, 30);
  std::int64_t north = 0;
  const table::Column place = induced->table.column(1);
  for (std::int64_t row = 0; row < place.num_rows; ++row) north += !place.is_null(row) && place.text(row) == "north" ? 1 : 0;
  EXPECT_EQ(north, 400 - induced->rows_changed);
  EXPECT_EQ(induce(small_table(), "a:b:north->south:25%", 1)->rows_changed, induced->rows_changed);
}

TEST(Induce, takes_values_away_and_adds_words) {
  EXPECT_EQ(induce(small_table(), "a:b:null", 1)->rows_changed, 900);
  EXPECT_EQ(induce(small_table(), "a:b:word=refund", 1)->table.column(1).text(1), "south refund");
}

TEST(Induce, refuses_what_it_cannot_do_and_says_why) {
  const auto message = [](std::string_view text) { return induce(small_table(), text, 1).error().message; };
  EXPECT_THAT(message("Agee:+5"), HasSubstr("unknown column 'Agee' (nearest: 'Age')"));
  EXPECT_THAT(message("Age"), HasSubstr("has no ':'"));
  EXPECT_THAT(message("Age:5"), HasSubstr("change '5', expected COLUMN:CHANGE"));
  EXPECT_THAT(message("Age:+5:150%"), HasSubstr("the share is '150%'"));
  EXPECT_THAT(message("Age:word=x"), HasSubstr("column 'Age' is of type integer, expected text"));
  EXPECT_THAT(message("a:b:+1"), HasSubstr("expected numbers to shift or scale"));
  EXPECT_THAT(message("a:b:east->west"), HasSubstr("changed no row"));
}

}  // namespace
}  // namespace cupel::drift
