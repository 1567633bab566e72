#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "states/state.h"

namespace cupel::states {

/// All present values of a numeric column as doubles (integers beyond 2^53 are rounded): eight bytes a row. NaN are counted apart;
/// infinities are values at the ends.
class Sample : public State {
 public:
  explicit Sample(int slot) : slot_(slot) {}
  std::int64_t count() const { return static_cast<std::int64_t>(values_.size()); }
  std::int64_t nulls() const { return nulls_; }
  std::int64_t nans() const { return nans_; }
  /// In row order.
  const std::vector<double>& values() const { return values_; }
  /// Ascending. Sorted at the first call and kept until the state changes; threads may ask together.
  const std::vector<double>& sorted() const;
  /// Exact, with linear interpolation between the two nearest values (type 7 of Hyndman and Fan 1996, as numpy and R by default);
  /// `p` in [0, 1]. Empty without values.
  std::optional<double> quantile(double p) const;

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "sample/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  struct Order;
  void changed();

  int slot_;
  std::int64_t nulls_ = 0;
  std::int64_t nans_ = 0;
  std::vector<double> values_;
  mutable std::shared_ptr<Order> order_;
};

}  // namespace cupel::states
