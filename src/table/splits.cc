#include "table/splits.h"

#include "base/hash.h"

namespace cupel::table {

bool is_held_out(std::string_view value, const HashSplit& split) {
  const std::uint32_t prefix = sha256_prefix(split.salt + ":" + std::string(value));
  return static_cast<double>(prefix) / 0x1p32 < split.share;
}

Result<std::vector<bool>> held_out(const Table& table, const HashSplit& split) {
  if (!(split.share > 0 && split.share < 1)) return fail("share {} of a split, expected a number between 0 and 1", split.share);
  std::vector<bool> out(static_cast<std::size_t>(table.num_rows()));
  if (split.group.empty()) {
    for (std::size_t row = 0; row < out.size(); ++row) out[row] = is_held_out(std::to_string(row), split);
    return out;
  }
  ASSIGN_OR_RETURN(const Column column, table.column(split.group));
  for (std::size_t row = 0; row < out.size(); ++row) out[row] = is_held_out(value_text(column, static_cast<std::int64_t>(row)), split);
  return out;
}

}  // namespace cupel::table
