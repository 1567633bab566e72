#pragma once

#include <vector>

#include "states/state.h"

namespace cupel::states {

/// Counts of a numeric column's present values between given edges, exactly. Bin i holds edges[i] <= value < edges[i + 1], the last one its upper
/// edge too (as numpy.histogram). Values below the first and above the last edge, infinities among them, NaN and nulls are counted apart. Integers
/// beyond 2^53 are rounded to doubles before they are compared; every value of a column of text counts as NaN.
class Histogram : public State {
 public:
  /// CHECKs at least two edges, finite and strictly ascending.
  Histogram(int slot, std::vector<double> edges);

  /// Edges of `num_bins` equally wide bins from `low` to `high`, the ends exactly. Bins narrower than doubles can tell apart are an error, as
  /// are ends that are not finite and ascending.
  static Result<std::vector<double>> equal_edges(double low, double high, int num_bins);

  const std::vector<double>& edges() const { return edges_; }
  /// Of each bin: one fewer than edges.
  const std::vector<std::int64_t>& counts() const { return counts_; }
  std::int64_t below() const { return below_; }
  std::int64_t above() const { return above_; }
  std::int64_t nulls() const { return nulls_; }
  std::int64_t nans() const { return nans_; }
  /// All present values without NaN: in the bins, below and above.
  std::int64_t count() const;

  void update(const table::Batch& batch, Selection rows) override;
  /// CHECKs equal edges.
  void merge(const State& later) override;
  std::string_view format() const override { return "histogram/1"; }
  void write(std::string& out) const override;
  /// Bytes with other edges are refused.
  Result<void> read(std::string_view bytes) override;

 private:
  void add(double value);
  void clear();

  int slot_;
  std::vector<double> edges_;
  double bins_per_unit_ = 0;  // to guess the bin of a value; 0: too wide or narrow for that
  std::vector<std::int64_t> counts_;
  std::int64_t below_ = 0;
  std::int64_t above_ = 0;
  std::int64_t nulls_ = 0;
  std::int64_t nans_ = 0;
};

}  // namespace cupel::states
