#pragma once

#include <utility>
#include <vector>

#include "states/key_digest.h"
#include "states/row_list.h"
#include "states/state.h"

namespace cupel::states {

/// The key of every row, over one column or several, and (with value columns) what stands beside it: for questions that only the whole
/// table or a second table can answer, with all their rows. Within a key null equals null, and NaN NaN; rows whose whole key is null, or that
/// have a null among the values, are skipped.
///
/// Keys and values are 64-bit hashes: in 10 million rows against 10 million the chance of one false match is 5e-6. Memory: 9 bytes a row,
/// 17 with values.
class RowKeys : public State {
 public:
  /// The first `num_key` slots are the key, the others the values.
  RowKeys(std::vector<int> slots, std::size_t num_key) : slots_(std::move(slots)), num_key_(num_key) {}

  /// Kept rows with a key.
  std::int64_t count() const { return rows_.size(); }
  std::int64_t skipped() const { return skipped_; }
  /// Of each row with a key, in row order.
  const std::vector<std::uint64_t>& keys() const { return keys_; }
  /// Beside keys(); empty without value columns.
  const std::vector<std::uint64_t>& values() const { return values_; }
  /// Positions in the whole table, from 0, beside keys().
  const RowList& rows() const { return rows_; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "row_keys/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  bool has_values() const { return slots_.size() > num_key_; }

  std::vector<int> slots_;
  std::size_t num_key_;
  std::int64_t rows_passed_ = 0;  // all rows, kept or not
  std::int64_t skipped_ = 0;
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint64_t> values_;
  RowList rows_;
  RowDigests key_digests_;  // scratch
  RowDigests value_digests_;
};

}  // namespace cupel::states
