#pragma once

#include <array>
#include <vector>

#include "states/index_table.h"
#include "states/state.h"
#include "states/value_index.h"

namespace cupel::states {

/// How often each pair of values of two columns of any type occurs: the contingency table, for association, mutual information and
/// functional dependence. Rows with a null in either column are counted apart. Values are told apart as ValueIndex does.
///
/// A table of more than `most_cells` different pairs is given up (overflowed(), whatever the order of the rows): statistics of so many
/// cells would say nothing, and memory is bounded.
class Contingency : public State {
 public:
  static constexpr std::int64_t k_most_cells = 1 << 20;
  struct Cell {
    std::uint32_t a = 0;  ///< number of the first column's value, in order of appearance
    std::uint32_t b = 0;  ///< of the second's
    std::int64_t count = 0;
  };

  Contingency(int slot_a, int slot_b, std::int64_t most_cells = k_most_cells) : slots_{slot_a, slot_b}, most_cells_(most_cells) {}
  /// Kept rows with both values.
  std::int64_t count() const { return count_; }
  /// Kept rows with a null in either column.
  std::int64_t nulls() const { return nulls_; }
  /// More pairs than can be kept: no cells are known.
  bool overflowed() const { return overflowed_; }
  /// Pairs that occur, in order of appearance; empty when overflowed.
  const std::vector<Cell>& cells() const { return cells_; }
  /// The values of both columns by number; `values(0)` belongs to Cell::a.
  const ValueIndex& values(int which) const { return values_[static_cast<std::size_t>(which)]; }
  /// Sums over the other column, by number.
  std::vector<std::int64_t> totals(int which) const;

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "contingency/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  void add(std::uint32_t a, std::uint32_t b, std::int64_t count);
  void give_up();
  Contingency emptied() const { return {slots_[0], slots_[1], most_cells_}; }

  std::array<int, 2> slots_;
  std::int64_t most_cells_;
  std::int64_t count_ = 0;
  std::int64_t nulls_ = 0;
  bool overflowed_ = false;
  std::array<ValueIndex, 2> values_;
  std::vector<Cell> cells_;
  IndexTable table_;  // of cells_
};

}  // namespace cupel::states
