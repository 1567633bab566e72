#pragma once

#include <limits>
#include <vector>

#include "states/estimate.h"
#include "states/hll.h"
#include "states/index_table.h"
#include "states/key_digest.h"
#include "states/row_list.h"
#include "states/state.h"

namespace cupel::states {

/// Rows that are not the first of their key, over one column or several. Within a key null equals null and differs from every value
/// (also from the empty text); a key of nulls only is skipped. Numbers are equal by value: 3 and 3.0, 0 and -0, NaN and NaN.
///
/// Keys are compared by 128 bits of hash: among 10 million keys the chance of any false duplicate is below 1e-24. Memory: 36 to 48
/// bytes a distinct key, up to a limit. Beyond it the keys are given up, whatever the order of the rows: how many there are is known, and
/// how many differ by Hll. Further scans then ask for one part of the keys at a time, which together give the exact answer.
class KeyDuplicates : public State {
 public:
  static constexpr std::int64_t k_key_bytes = 48;
  static constexpr std::int64_t k_unlimited = std::numeric_limits<std::int64_t>::max();
  /// The keys whose hash is `index` modulo `of`; the others are passed over.
  struct Part {
    std::uint64_t index = 0;
    std::uint64_t of = 1;
  };

  explicit KeyDuplicates(std::vector<int> slots, std::int64_t limit_bytes = k_unlimited) : KeyDuplicates(std::move(slots), limit_bytes, Part{}) {}
  KeyDuplicates(std::vector<int> slots, std::int64_t limit_bytes, Part part)
      : slots_(std::move(slots)), limit_bytes_(limit_bytes), part_(part), different_(0) {}
  /// Kept rows with a key (of the part).
  std::int64_t keys() const { return keys_; }
  /// More different keys than fit the limit: duplicates are not known.
  bool overflowed() const { return overflowed_; }
  Estimate distinct_estimate() const { return overflowed_ ? different_.distinct() : Estimate::exactly(static_cast<double>(distinct())); }
  /// Kept rows whose key is null in all columns.
  std::int64_t skipped() const { return skipped_; }
  std::int64_t distinct() const { return static_cast<std::int64_t>(entries_.size()); }
  std::int64_t duplicates() const { return duplicate_rows_.size(); }
  /// Positions in the whole table, from 0.
  const RowList& duplicate_rows() const { return duplicate_rows_; }

  /// Did some kept row have this key?
  bool contains(const KeyDigest& key) const;

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "key_duplicates/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  using Key = KeyDigest;
  struct Entry {
    Key key;
    std::int64_t first_row = 0;
  };

  // True if the key is new; it is then remembered.
  bool insert(Key key, std::int64_t row);
  void give_up_beyond_limit();
  void give_up();
  void merge_keys(const KeyDuplicates& other);
  KeyDuplicates emptied() const { return KeyDuplicates(slots_, limit_bytes_, part_); }

  std::vector<int> slots_;
  std::int64_t limit_bytes_;
  Part part_;
  std::int64_t keys_ = 0;
  bool overflowed_ = false;
  Hll different_;                 // when overflowed
  std::int64_t rows_passed_ = 0;  // all rows, kept or not
  std::int64_t skipped_ = 0;
  std::vector<Entry> entries_;  // in order of first row
  RowList duplicate_rows_;
  IndexTable table_;    // of entries_
  RowDigests digests_;  // scratch: of each row of the batch
};

}  // namespace cupel::states
