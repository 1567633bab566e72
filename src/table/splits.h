#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/table.h"

namespace cupel::table {

/// A deterministic split that any language can reproduce: a row is held out when
/// `int(sha256("<salt>:<value>").hexdigest()[:8], 16) / 2**32 < share`, where value is the text of the group column (all rows of a
/// group go to the same side) or, without a group, the row's number from 0.
struct HashSplit {
  std::string salt = "cupel";
  std::string group{};  ///< column; empty: by row
  double share = 0.2;   ///< held out, in (0, 1)
};

/// True where a row is held out. Null groups hash as the empty text.
Result<std::vector<bool>> held_out(const Table& table, const HashSplit& split);
bool is_held_out(std::string_view value, const HashSplit& split);

}  // namespace cupel::table
