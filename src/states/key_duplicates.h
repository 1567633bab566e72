#pragma once

#include <vector>

#include "states/index_table.h"
#include "states/key_digest.h"
#include "states/row_list.h"
#include "states/state.h"

namespace cupel::states {

/// Rows that are not the first of their key, over one column or several. Within a key null equals null and differs from every value
/// (also from the empty text); a key of nulls only is skipped. Numbers are equal by value: 3 and 3.0, 0 and -0, NaN and NaN.
///
/// Keys are compared by 128 bits of hash: among 10 million keys the chance of any false duplicate is below 1e-24. Memory: 36 to 48
/// bytes a distinct key.
class KeyDuplicates : public State {
 public:
  explicit KeyDuplicates(std::vector<int> slots) : slots_(std::move(slots)) {}
  /// Kept rows with a key.
  std::int64_t keys() const { return static_cast<std::int64_t>(entries_.size()) + duplicates(); }
  /// Kept rows whose key is null in all columns.
  std::int64_t skipped() const { return skipped_; }
  std::int64_t distinct() const { return static_cast<std::int64_t>(entries_.size()); }
  std::int64_t duplicates() const { return duplicate_rows_.size(); }
  /// Positions in the whole table, from 0.
  const RowList& duplicate_rows() const { return duplicate_rows_; }

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

  std::vector<int> slots_;
  std::int64_t rows_passed_ = 0;  // all rows, kept or not
  std::int64_t skipped_ = 0;
  std::vector<Entry> entries_;  // in order of first row
  RowList duplicate_rows_;
  IndexTable table_;    // of entries_
  RowDigests digests_;  // scratch: of each row of the batch
};

}  // namespace cupel::states
