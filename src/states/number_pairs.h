#pragma once

#include <vector>

#include "states/state.h"

namespace cupel::states {

/// The values of two numeric columns in every row where both are finite, as doubles: for correlations of ranks. Memory: 16 bytes a row.
class NumberPairs : public State {
 public:
  NumberPairs(int first, int second) : first_(first), second_(second) {}
  std::int64_t count() const { return static_cast<std::int64_t>(x_.size()); }
  /// Kept rows where one of the two is null, NaN or infinite.
  std::int64_t skipped() const { return skipped_; }
  const std::vector<double>& x() const { return x_; }
  const std::vector<double>& y() const { return y_; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "number_pairs/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  int first_;
  int second_;
  std::int64_t skipped_ = 0;
  std::vector<double> x_;
  std::vector<double> y_;
};

}  // namespace cupel::states
