#pragma once

#include "states/row_list.h"
#include "states/state.h"

namespace cupel::states {

/// Nulls of a column among the kept rows, and which rows they are. NaN is a value, not a null.
class NullCount : public State {
 public:
  explicit NullCount(int slot) : slot_(slot) {}
  std::int64_t rows() const { return rows_; }
  std::int64_t nulls() const { return null_rows_.size(); }
  /// Positions in the whole table, from 0.
  const RowList& null_rows() const { return null_rows_; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "null_count/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  int slot_;
  std::int64_t rows_passed_ = 0;  // all rows, kept or not
  std::int64_t rows_ = 0;
  RowList null_rows_;
};

}  // namespace cupel::states
