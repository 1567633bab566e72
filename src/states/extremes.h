#pragma once

#include <optional>

#include "states/scalar.h"
#include "states/state.h"

namespace cupel::states {

/// Least and greatest present value of a column of any type, each with the first row that holds it: numbers exactly, timestamps by time,
/// text bytewise. Nulls and NaN are passed over and counted.
class Extremes : public State {
 public:
  struct Extreme {
    Scalar value;
    std::int64_t row = 0;  ///< position in the whole table, from 0
  };

  explicit Extremes(int slot) : slot_(slot) {}
  /// Present values that are not NaN.
  std::int64_t count() const { return count_; }
  std::int64_t nulls() const { return nulls_; }
  std::int64_t nans() const { return nans_; }
  /// Empty without values.
  const std::optional<Extreme>& min() const { return min_; }
  const std::optional<Extreme>& max() const { return max_; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "extremes/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  template <typename Value>
  void scan(const table::Column& column, std::int64_t num_rows, Selection rows, Value value_of);
  void offer(const table::Column& column, std::int64_t least_row, std::int64_t greatest_row);

  int slot_;
  std::int64_t rows_passed_ = 0;  // all rows, kept or not
  std::int64_t count_ = 0;
  std::int64_t nulls_ = 0;
  std::int64_t nans_ = 0;
  std::optional<Extreme> min_;
  std::optional<Extreme> max_;
};

}  // namespace cupel::states
