#pragma once

#include <vector>

#include "states/row_list.h"
#include "states/state.h"

namespace cupel::states {

/// Every present value of a numeric column as a double (timestamps: microseconds, exact for the years -255 to 2255; integers beyond 2^53
/// are rounded) with its row: for questions that only the whole column answers, with all their rows. NaN are counted apart. Memory: 9
/// bytes a row.
class RowValues : public State {
 public:
  enum class Read {
    numbers,  ///< text gives nothing
    instants,  ///< timestamps, and text that is one; all else is unreadable
  };
  explicit RowValues(int slot, Read read = Read::numbers) : slot_(slot), read_(read) {}
  std::int64_t count() const { return rows_.size(); }
  std::int64_t nulls() const { return nulls_; }
  std::int64_t nans() const { return nans_; }
  /// Present values that are no instants; of Read::instants.
  std::int64_t unreadable() const { return unreadable_; }
  /// In row order.
  const std::vector<double>& values() const { return values_; }
  /// Positions in the whole table, from 0, beside values().
  const RowList& rows() const { return rows_; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "row_values/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  int slot_;
  Read read_;
  std::int64_t rows_passed_ = 0;  // all rows, kept or not
  std::int64_t nulls_ = 0;
  std::int64_t nans_ = 0;
  std::int64_t unreadable_ = 0;
  std::vector<double> values_;
  RowList rows_;
};

}  // namespace cupel::states
