#pragma once

#include <map>
#include <string>
#include <vector>

#include "states/state.h"

namespace cupel::states {

/// Which columns are null together: the number of rows with each set of null columns. Beyond 4,096 different sets they are given up
/// (overflowed(), whatever the order of the rows); rows without any null are counted always.
class NullMasks : public State {
 public:
  static constexpr std::size_t k_most_masks = 4096;
  explicit NullMasks(std::vector<int> slots) : slots_(std::move(slots)) {}
  std::int64_t rows() const { return rows_; }
  /// Rows without a null in any column.
  std::int64_t complete() const { return complete_; }
  bool overflowed() const { return overflowed_; }
  struct Entry {
    std::vector<int> columns;  ///< positions in `slots`, ascending; never empty
    std::int64_t count = 0;
  };
  /// Sets of columns that are null together, the most frequent first. Empty when overflowed.
  std::vector<Entry> by_count() const;
  /// Rows where both columns are null.
  std::int64_t both_null(int a, int b) const;

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "null_masks/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  using Mask = std::vector<std::uint64_t>;  // bit i: the column of slot i is null
  std::size_t num_words() const { return (slots_.size() + 63) / 64; }
  void add(const Mask& mask, std::int64_t count);

  std::vector<int> slots_;
  std::int64_t rows_ = 0;
  std::int64_t complete_ = 0;
  bool overflowed_ = false;
  std::map<Mask, std::int64_t> masks_;
  std::vector<std::uint64_t> words_;  // scratch: the masks of a batch's rows
};

}  // namespace cupel::states
