#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "states/counted_numbers.h"
#include "states/sorted_runs.h"
#include "states/state.h"
#include "stats/ascending.h"

namespace cupel::states {

/// All present values of a numeric column as doubles (integers beyond 2^53 are rounded, -0 is 0), in ascending order. NaN are counted apart;
/// infinities are values at the ends.
///
/// Exact whatever the number of rows: within a memory limit as they are (eight bytes each); beyond it as counts of distinct values while no more
/// than limit / 64 differ, else in a temporary file (SortedRuns), eight bytes each.
class Sample : public State, public stats::Ascending {
 public:
  explicit Sample(int slot, std::int64_t limit_bytes = k_state_bytes) : slot_(slot), limit_bytes_(limit_bytes), values_(limit_bytes) {}
  std::int64_t count() const { return count_; }
  std::int64_t nulls() const { return nulls_; }
  std::int64_t nans() const { return nans_; }
  /// The values ascending, in groups. Threads may ask together.
  std::int64_t size() const override { return count_; }
  std::unique_ptr<Cursor> walk() const override;
  /// Exact, with linear interpolation between the two nearest values (type 7 of Hyndman and Fan 1996, as numpy and R by default);
  /// `p` in [0, 1]. Empty without values. Costs a walk.
  std::optional<double> quantile(double p) const;

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "sample/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;
  void put_away() override { values_.put_away(); }
  std::optional<Error> problem() const override { return values_.problem(); }

 private:
  void add(double value, std::int64_t count = 1);
  void count_values();
  void spread_counts();

  int slot_;
  std::int64_t limit_bytes_;
  std::int64_t count_ = 0;
  std::int64_t nulls_ = 0;
  std::int64_t nans_ = 0;
  // One of the two holds the values.
  SortedRuns<double> values_;
  bool counting_ = false;
  CountedNumbers counted_;
};

}  // namespace cupel::states
