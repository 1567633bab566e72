#pragma once

#include <vector>

#include "base/memory_budget.h"
#include "states/state.h"

namespace cupel::states {

/// The values of two numeric columns in every row where both are finite, as doubles: for correlations of ranks. Memory: 16 bytes a row; they
/// are given up when they do not fit the budget of the process (MemoryBudget).
class NumberPairs : public State {
 public:
  NumberPairs(int first, int second) : first_(first), second_(second) {}
  std::int64_t count() const { return static_cast<std::int64_t>(x_.size()); }
  /// Kept rows where one of the two is null, NaN or infinite.
  std::int64_t skipped() const { return skipped_; }
  /// There were more pairs than fit: none are known.
  bool given_up() const { return given_up_; }
  const std::vector<double>& x() const { return x_; }
  const std::vector<double>& y() const { return y_; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "number_pairs/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  // False: so many more do not fit.
  bool make_room_for(std::size_t more);
  void give_up();

  int first_;
  int second_;
  std::int64_t skipped_ = 0;
  std::vector<double> x_;
  std::vector<double> y_;
  MemoryShare share_;  // of both
  bool given_up_ = false;
};

}  // namespace cupel::states
