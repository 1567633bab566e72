#pragma once

#include <optional>
#include <vector>

#include "states/double_double.h"
#include "states/state.h"

namespace cupel::states {

/// Second moments of two numeric columns together: covariance and Pearson's correlation. Rows with finite values in both columns enter;
/// rows with a null in either, and of the others those with NaN or an infinity, are counted apart.
///
/// As Moments: each batch's sums of products about doubles near the means, shifted to the exact means and merged by the pairwise formulas of Pébay,
/// SAND2008-6212, eqs 3.1 and 3.3; sums in double-double. The relative error of the correlation is below about
/// 1e-13 + 1e-16 c/s for values about c with spread s, however the rows were split.
class CoMoments : public State {
 public:
  CoMoments(int slot_x, int slot_y) : slot_x_(slot_x), slot_y_(slot_y) {}
  /// Rows that entered.
  std::int64_t count() const { return count_; }
  /// Kept rows with a null in either column.
  std::int64_t nulls() const { return nulls_; }
  /// Kept rows without a null but with NaN or an infinity (or text).
  std::int64_t odd() const { return odd_; }
  // Empty when undefined: too few rows, no spread, or an overflow.
  std::optional<double> mean_x() const;
  std::optional<double> mean_y() const;
  std::optional<double> variance_x() const;  ///< divided by n - 1; at least 2 rows
  std::optional<double> variance_y() const;
  std::optional<double> covariance() const;   ///< divided by n - 1
  std::optional<double> correlation() const;  ///< Pearson's r in [-1, 1]; both columns need spread

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "co_moments/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  void combine(const CoMoments& later);
  void add_gathered();

  int slot_x_;
  int slot_y_;
  std::int64_t count_ = 0;
  std::int64_t nulls_ = 0;
  std::int64_t odd_ = 0;
  DoubleDouble sum_x_;
  DoubleDouble sum_y_;
  double xx_ = 0;  // sums of products of deviations from the means
  double yy_ = 0;
  double xy_ = 0;
  std::vector<double> x_;  // scratch: the pairs of the batch
  std::vector<double> y_;
};

}  // namespace cupel::states
