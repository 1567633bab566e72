#pragma once

#include <optional>
#include <vector>

#include "states/counted_numbers.h"
#include "states/double_double.h"
#include "states/state.h"

namespace cupel::states {

/// Count, extremes, sum and the first four central moments of a numeric column. Only finite values enter them; nulls, NaN and
/// infinities are counted apart.
///
/// Each batch's power sums about a double near its mean are shifted to the exact mean and merged by the pairwise formulas of Pébay,
/// "Formulas for robust, one-pass parallel computation of covariances and arbitrary-order statistical moments", SAND2008-6212,
/// eqs 3.1, 3.6, 3.7; sum and mean are held in double-double. So a large offset costs no digits: for values about c with spread s the
/// relative error of variance, g1 and g2 is below about 1e-13 + 1e-16 c/s (the rounding of the values themselves not counted), however the
/// rows were split. The sum of integers is exact before its last rounding to double. Values above about 1e76 in magnitude overflow the
/// fourth moment: its accessors are then empty.
class Moments : public State {
 public:
  explicit Moments(int slot) : slot_(slot) {}
  /// Finite values.
  std::int64_t count() const { return count_; }
  std::int64_t nulls() const { return nulls_; }
  std::int64_t nans() const { return nans_; }
  std::int64_t infinities() const { return infinities_; }
  /// 0 when nothing was counted. Infinite on overflow.
  double sum() const { return sum_.value(); }
  // Empty when undefined: too few values, no spread (skewness, kurtosis), or an overflow.
  std::optional<double> mean() const;
  std::optional<double> min() const;
  std::optional<double> max() const;
  std::optional<double> variance() const;  ///< of the sample: divided by n - 1; at least 2 values
  std::optional<double> stddev() const;
  std::optional<double> skewness() const;  ///< g1 = (m3/n) / (m2/n)^1.5; at least 2 values that differ
  std::optional<double> kurtosis() const;  ///< excess g2 = n m4 / m2^2 - 3; the same
  // Sums of powers of deviations from the mean, for pooling.
  double m2() const { return m2_; }
  double m3() const { return m3_; }
  double m4() const { return m4_; }

  /// Values with their counts, none of them NaN; infinite ones are counted apart. As exact as the values one by one.
  void add(std::span<const CountedNumbers::Entry> values, std::int64_t nulls, std::int64_t nans);

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "moments/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  void gather(const table::Column& column, Selection rows);
  void combine(const Moments& later);
  static Moments of_batch(const std::vector<double>& values, const DoubleDouble& sum);

  int slot_;
  std::int64_t count_ = 0;
  std::int64_t nulls_ = 0;
  std::int64_t nans_ = 0;
  std::int64_t infinities_ = 0;
  DoubleDouble sum_;
  double m2_ = 0;
  double m3_ = 0;
  double m4_ = 0;
  double min_ = 0;
  double max_ = 0;
  std::vector<double> values_;  // scratch: the finite values of the batch
  DoubleDouble batch_sum_;      // scratch
};

}  // namespace cupel::states
