#pragma once

#include <cstdint>

#include "states/row_list.h"
#include "states/sorted_runs.h"

namespace cupel::states {

/// Row numbers that come in any order, each once, however many. Not a state of its own.
class UnorderedRows {
 public:
  void add(std::int64_t row) { rows_.add(row); }
  std::int64_t size() const { return rows_.size(); }
  /// Ascending. The error is that of a full disk under what did not fit in memory.
  Result<RowList> list() const {
    RowList list;
    if (auto problem = rows_.problem()) return tl::unexpected(std::move(*problem));
    rows_.for_each([&](std::int64_t row) { list.append(row); });
    if (auto problem = rows_.problem()) return tl::unexpected(std::move(*problem));
    return list;
  }

 private:
  SortedRuns<std::int64_t> rows_;
};

}  // namespace cupel::states
