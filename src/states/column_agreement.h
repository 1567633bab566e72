#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "states/key_digest.h"
#include "states/state.h"

namespace cupel::states {

/// For every pair of some columns, the rows in which the two have the same value (null is the same as null; 3 and 3.0 are the same): what
/// almost equal columns are found by. Costs a comparison for each pair and row.
class ColumnAgreement : public State {
 public:
  explicit ColumnAgreement(std::vector<int> slots) : slots_(std::move(slots)), same_(slots_.size() * slots_.size(), 0) {}
  std::int64_t rows() const { return rows_; }
  /// Rows in which columns `a` and `b` (positions among the slots) agree.
  std::int64_t same(std::size_t a, std::size_t b) const { return same_[std::min(a, b) * slots_.size() + std::max(a, b)]; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "column_agreement/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  std::vector<int> slots_;
  std::int64_t rows_ = 0;
  std::vector<std::int64_t> same_;             // row-major, upper triangle without the diagonal
  std::vector<std::vector<std::uint64_t>> digests_;  // scratch
};

}  // namespace cupel::states
