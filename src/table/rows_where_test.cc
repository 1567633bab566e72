#include "table/rows_where.h"

#include <gtest/gtest.h>

namespace cupel::table {
namespace {

TEST(RowsWhere, AreThoseForWhichTheExpressionIsTrueAndNotUnknown) {
  Schema schema;
  schema.fields = {{"Shop", Type::text}, {"Age", Type::integer}};
  std::vector<ColumnBuilder> columns;
  for (const Field& field : schema.fields) columns.emplace_back(field.type);
  for (std::int64_t row = 0; row < 8; ++row) {
    columns[0].append(row % 2 == 0 ? "a" : "b");
    row == 5 ? columns[1].append_null() : columns[1].append(row);
  }
  const Table table(std::move(schema), std::move(columns));
  EXPECT_EQ(*rows_where(table, "Shop = 'b' and Age between 3 and 7", "--where"), (std::vector<std::int64_t>{3, 7}));
  EXPECT_EQ(*rows_where(table, "not (Age < 7)", "--where"), (std::vector<std::int64_t>{7}));
  EXPECT_EQ(rows_where(table, "Agee > 3", "--where").error().message, "--where: unknown column 'Agee' (nearest: 'Age')");
}

}  // namespace
}  // namespace cupel::table
