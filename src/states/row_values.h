#pragma once

#include <compare>

#include "states/sorted_runs.h"
#include "states/state.h"

namespace cupel::states {

/// Every present value of a numeric column as a double (timestamps: microseconds, exact for the years -255 to 2255; integers beyond 2^53
/// are rounded) with its row: for questions that only the whole column answers, with all their rows. NaN are counted apart. Sixteen bytes a
/// row, beyond a memory limit in a temporary file.
class RowValues : public State {
 public:
  enum class Read {
    numbers,  ///< text gives nothing
    instants,  ///< timestamps, and text that is one; all else is unreadable
  };
  struct Record {
    double value = 0;
    std::int64_t row = 0;  ///< position in the whole table, from 0
    bool operator<(const Record& other) const { return value != other.value ? value < other.value : row < other.row; }
  };
  explicit RowValues(int slot, Read read = Read::numbers, std::int64_t limit_bytes = k_state_bytes)
      : slot_(slot), read_(read), limit_bytes_(limit_bytes), records_(limit_bytes) {}
  std::int64_t count() const { return records_.size(); }
  std::int64_t nulls() const { return nulls_; }
  std::int64_t nans() const { return nans_; }
  /// Present values that are no instants; of Read::instants.
  std::int64_t unreadable() const { return unreadable_; }
  /// By value, then by row.
  const SortedRuns<Record>& records() const { return records_; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "row_values/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;
  void put_away() override { records_.put_away(); }
  std::optional<Error> problem() const override { return records_.problem(); }

 private:
  RowValues emptied() const { return RowValues(slot_, read_, limit_bytes_); }

  int slot_;
  Read read_;
  std::int64_t limit_bytes_;
  std::int64_t rows_passed_ = 0;  // all rows, kept or not
  std::int64_t nulls_ = 0;
  std::int64_t nans_ = 0;
  std::int64_t unreadable_ = 0;
  SortedRuns<Record> records_;
};

}  // namespace cupel::states
