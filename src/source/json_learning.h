#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "source/json_records.h"

namespace cupel::source {

/// What a first pass over the objects of a text shows of one column.
struct JsonColumnFacts {
  std::string name;
  std::uint8_t kinds = 0;             ///< ValueKinds of its values; nulls have none
  std::int64_t first_other_row = -1;  ///< of the first value that is no number
  std::string first_other{};
};

struct JsonFacts {
  std::vector<JsonColumnFacts> columns;  ///< in order of first appearance
  std::int64_t num_rows = 0;
  std::optional<JsonFault> fault;  ///< the first in the text; the rest is worth nothing then
};

/// Checks every record and gathers keys and kinds, over threads. `done` is called with the bytes that are no longer needed.
JsonFacts learn_json(std::string_view text, const JsonRecords& records, const std::function<void(std::string_view)>& done);

}  // namespace cupel::source
