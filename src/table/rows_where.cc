#include "table/rows_where.h"

#include "table/expression.h"

namespace cupel::table {

Result<std::vector<std::int64_t>> rows_where(const Table& table, std::string_view text, std::string_view place) {
  ASSIGN_OR_RETURN(const Expression expression, Expression::parse(text, place));
  TRY(expression.bind(table.schema()));
  Batch batch{0, table.num_rows(), {}};
  std::vector<int> slots;
  for (const std::string& name : expression.columns()) {
    ASSIGN_OR_RETURN(batch.columns.emplace_back(), table.column(name));
    slots.push_back(static_cast<int>(slots.size()));
  }
  std::vector<std::uint8_t> truth(static_cast<std::size_t>(table.num_rows()));
  expression.evaluate(batch, slots, truth.data());
  std::vector<std::int64_t> rows;
  for (std::size_t row = 0; row < truth.size(); ++row) {
    if (truth[row] == Expression::k_true) rows.push_back(static_cast<std::int64_t>(row));
  }
  return rows;
}

}  // namespace cupel::table
