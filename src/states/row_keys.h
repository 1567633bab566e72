#pragma once

#include <compare>
#include <utility>
#include <vector>

#include "states/key_digest.h"
#include "states/sorted_runs.h"
#include "states/state.h"

namespace cupel::states {

/// The key of every row, over one column or several, and (with value columns) what stands beside it: for questions that only the whole
/// table or a second table can answer, with all their rows. Within a key null equals null, and NaN NaN; rows whose whole key is null, or that
/// have a null among the values, are skipped.
///
/// Keys and values are 64-bit hashes: in 10 million rows against 10 million the chance of one false match is 5e-6. Twenty-four bytes a row,
/// beyond a memory limit in a temporary file.
class RowKeys : public State {
 public:
  struct Record {
    std::uint64_t key = 0;
    std::uint64_t value = 0;  ///< 0 without value columns
    std::int64_t row = 0;     ///< position in the whole table, from 0
    auto operator<=>(const Record&) const = default;
  };
  /// The first `num_key` slots are the key, the others the values.
  RowKeys(std::vector<int> slots, std::size_t num_key, std::int64_t limit_bytes = k_state_bytes)
      : slots_(std::move(slots)), num_key_(num_key), limit_bytes_(limit_bytes), records_(limit_bytes) {}

  /// Kept rows with a key.
  std::int64_t count() const { return records_.size(); }
  std::int64_t skipped() const { return skipped_; }
  /// By key, then by value, then by row.
  const SortedRuns<Record>& records() const { return records_; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "row_keys/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;
  void put_away() override { records_.put_away(); }
  std::optional<Error> problem() const override { return records_.problem(); }

 private:
  bool has_values() const { return slots_.size() > num_key_; }
  RowKeys emptied() const { return RowKeys(slots_, num_key_, limit_bytes_); }

  std::vector<int> slots_;
  std::size_t num_key_;
  std::int64_t limit_bytes_;
  std::int64_t rows_passed_ = 0;  // all rows, kept or not
  std::int64_t skipped_ = 0;
  SortedRuns<Record> records_;
  RowDigests key_digests_;  // scratch
  RowDigests value_digests_;
};

/// Calls `take(records)` for every key of `records` in ascending order with all its records, as a vector that is reused. A key that most rows
/// have costs memory for these rows.
template <typename Take>
void for_each_key(const SortedRuns<RowKeys::Record>& records, Take&& take) {
  std::vector<RowKeys::Record> group;
  records.for_each([&](const RowKeys::Record& record) {
    if (!group.empty() && group.front().key != record.key) {
      take(std::as_const(group));
      group.clear();
    }
    group.push_back(record);
  });
  if (!group.empty()) take(std::as_const(group));
}

}  // namespace cupel::states
