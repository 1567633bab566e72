#pragma once

#include "states/quantiles.h"

namespace cupel::states {

/// The second pass of a quantile that a sketch could not decide: counts the values below a window and keeps those within. Positions of
/// all values that fall into the window are then exact.
class QuantileWindow : public State {
 public:
  /// Values in [low, high] are kept, in at most `limit_bytes` (Quantiles).
  QuantileWindow(int slot, double low, double high, std::int64_t limit_bytes = k_state_bytes)
      : slot_(slot), low_(low), high_(high), inside_(slot, limit_bytes) {}

  /// All values, without NaN.
  std::int64_t count() const { return below_ + inside_.count() + above_; }
  double low() const { return low_; }
  double high() const { return high_; }
  std::int64_t below() const { return below_; }
  std::int64_t above() const { return above_; }
  const Quantiles& inside() const { return inside_; }
  /// As Quantiles::quantile; empty without values, or if a value that it needs lies outside of the window. An estimate if the window holds
  /// more than the limit: a narrower window is then known.
  std::optional<Estimate> quantile(double p) const;

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "quantile_window/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;
  void put_away() override { inside_.put_away(); }
  std::optional<Error> problem() const override { return inside_.problem(); }

 private:
  std::optional<Estimate> value_at(std::int64_t at) const;

  int slot_;
  double low_;
  double high_;
  std::int64_t below_ = 0;
  std::int64_t above_ = 0;
  Quantiles inside_;
};

}  // namespace cupel::states
