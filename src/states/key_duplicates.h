#pragma once

#include <algorithm>
#include <vector>

#include "states/index_table.h"
#include "states/key_digest.h"
#include "states/row_list.h"
#include "states/sorted_runs.h"
#include "states/state.h"

namespace cupel::states {

/// Rows that are not the first of their key, over one column or several. Within a key null equals null and differs from every value
/// (also from the empty text); a key of nulls only is skipped. Numbers are equal by value: 3 and 3.0, 0 and -0, NaN and NaN.
///
/// Keys are compared by 128 bits of hash: among 10 million keys the chance of any false duplicate is below 1e-24. Memory: 36 to 48
/// bytes a distinct key, up to a limit, and while the budget of the process lets them stay (MemoryBudget). Beyond it the different keys go to a temporary
/// file with their first rows, a table of keys begins anew, and a walk by key finds what repeats; the answers are the same, at 24 bytes of disk a key.
class KeyDuplicates : public State {
 public:
  static constexpr std::int64_t k_limit_bytes = 4 * k_state_bytes;

  explicit KeyDuplicates(std::vector<int> slots, std::int64_t limit_bytes = k_limit_bytes)
      : slots_(std::move(slots)), limit_bytes_(limit_bytes), spilled_(std::min(k_state_bytes, limit_bytes)) {}
  /// Kept rows with a key.
  std::int64_t keys() const { return keys_; }
  /// Kept rows whose key is null in all columns.
  std::int64_t skipped() const { return skipped_; }
  /// All keys stand in memory; otherwise the next three cost a walk, and contains() may not be asked.
  bool is_in_memory() const { return spilled_.empty(); }
  std::int64_t distinct() const { return keys_ - duplicates(); }
  std::int64_t duplicates() const;
  /// Positions in the whole table, from 0. The error is that of a full disk under what did not fit in memory.
  Result<RowList> duplicate_rows() const;

  /// A key with its first row, or with the first since the table of keys began anew.
  struct Entry {
    KeyDigest key;
    std::int64_t first_row = 0;
    bool operator<(const Entry& other) const { return key != other.key ? key < other.key : first_row < other.first_row; }
  };
  /// Did some kept row have this key? CHECKs that the keys are in memory.
  bool contains(const KeyDigest& key) const;
  /// For joins: every different key at least once, by key.
  SortedRuns<Entry> by_key() const;

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "key_duplicates/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;
  void put_away() override;
  std::optional<Error> problem() const override { return spilled_.problem(); }

 private:
  using Key = KeyDigest;

  // True if the key is new; it is then remembered.
  bool insert(Key key, std::int64_t row);
  std::int64_t memory_bytes() const { return static_cast<std::int64_t>(entries_.capacity() * sizeof(Entry)) + table_.memory_bytes(); }
  void settle();
  void spill();
  void merge_keys(const KeyDuplicates& other);
  KeyDuplicates emptied() const { return KeyDuplicates(slots_, limit_bytes_); }

  std::vector<int> slots_;
  std::int64_t limit_bytes_;
  std::int64_t keys_ = 0;
  std::int64_t rows_passed_ = 0;  // all rows, kept or not
  std::int64_t skipped_ = 0;
  std::vector<Entry> entries_;  // since the last time that they were spilled; in order of first row
  RowList duplicate_rows_;      // that a table of keys told
  IndexTable table_;            // of entries_
  MemoryShare share_;           // of both
  SortedRuns<Entry> spilled_;
  RowDigests digests_;  // scratch: of each row of the batch
};

}  // namespace cupel::states
