#pragma once

#include <algorithm>
#include <vector>

#include "expectations/data_check.h"
#include "states/key_duplicates.h"
#include "states/unordered_rows.h"

namespace cupel::expectations {

/// Counts keys that do not fit the memory of one state exactly: by further scans, each of which looks at one part of the keys, cut by
/// their hash. Used by checks that count different values or duplicates.
class KeyParts {
 public:
  /// Memory of the keys of one scan, as a multiple of the limit of a state: every halving doubles the scans.
  static constexpr std::int64_t k_limits = 4;
  static constexpr std::int64_t k_least_bytes = 4096;
  static std::int64_t limit_bytes(const Planning& planning) { return std::max(planning.state_bytes * k_limits, k_least_bytes); }

  /// Asks the first scan for all keys, as long as they fit: a `states::KeyDuplicates`.
  static int need_all(const Planning& planning, const std::vector<table::ColumnRequest>& columns);

  /// Asks for the next part; `at_most` is an upper bound of the number of different keys. False when all are counted.
  bool plan_next(const Planning& again, const std::vector<table::ColumnRequest>& columns, double at_most);
  void learn(const Facts& facts);

  /// All parts were counted.
  bool done() const { return parts_ > 0 && next_ == parts_; }
  std::int64_t keys() const { return keys_; }
  std::int64_t distinct() const { return distinct_; }
  /// Rows that are not the first of their key, ascending.
  Result<states::RowList> duplicate_rows() const { return rows_.list(); }

 private:
  std::uint64_t parts_ = 0;
  std::uint64_t next_ = 0;
  int state_ = -1;
  std::int64_t keys_ = 0;
  std::int64_t distinct_ = 0;
  states::UnorderedRows rows_;
};

}  // namespace cupel::expectations
