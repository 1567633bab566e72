#pragma once

#include "states/state.h"

namespace cupel::states {

/// Number of kept rows.
class RowCount : public State {
 public:
  std::int64_t rows() const { return rows_; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "row_count/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  std::int64_t rows_ = 0;
};

}  // namespace cupel::states
