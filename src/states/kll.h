#pragma once

#include <optional>
#include <vector>

#include "states/byte_form.h"
#include "states/estimate.h"
#include "states/state.h"

namespace cupel::states {

/// A quantile sketch of a numeric column in bounded memory: Karnin, Lang, Liberty, "Optimal quantile approximation in streams", FOCS 2016.
///
/// Level h holds values that stand for 2^h each; a level that is full is sorted, and every other value, beginning with the first or the
/// second by a fair coin, moves up. One compaction of level h changes the rank of any given value by 2^h, by -2^h or not at all, with mean 0, so
/// by Hoeffding the estimated rank of a value errs by more than t with probability at most 2 exp(-t²/2V), where V is the sum of 4^h over
/// all compactions that were made. V is counted, not assumed: rank_error() is the bound of this very sketch. (About 0.03 % of the
/// values at k = 4096 and a confidence of 99.9999 %.) When two sketches merge, sqrt(V) adds, because their coins need not be independent.
///
/// Coins are base/random's, keyed by the values that are compacted and the number of values seen: the sketch is a function of the
/// sequence of values and of the order of merging, never of threads. Until the first compaction everything is exact. Memory: about 24 k
/// bytes. Nulls and NaN are counted apart; infinities are values at the ends.
class Kll : public State {
 public:
  static constexpr int k_default = 4096;
  static constexpr double k_confidence = 0.999999;

  explicit Kll(int slot, int k = k_default) : slot_(slot), k_(k) {}

  void add(double value, std::int64_t weight = 1);
  /// Values in all.
  std::int64_t count() const { return count_; }
  std::int64_t nulls() const { return nulls_; }
  std::int64_t nans() const { return nans_; }
  /// No compaction happened: every answer is exact.
  bool is_exact() const { return sigma_ == 0; }
  /// Half width t, in values, such that the estimated rank of any one value errs by more with probability at most 1 - confidence.
  double rank_error(double confidence = k_confidence) const;
  /// Quantile at p in [0, 1], interpolated as type 7 of Hyndman and Fan (1996), with the values between which the exact one lies. Empty
  /// without values.
  std::optional<Estimate> quantile(double p, double confidence = k_confidence) const;
  /// Share of the values that are at most this one. 0 without values.
  Estimate share_at_most(double value, double confidence = k_confidence) const;
  std::optional<double> min() const { return count_ > 0 ? std::optional(min_) : std::nullopt; }  ///< exact
  std::optional<double> max() const { return count_ > 0 ? std::optional(max_) : std::nullopt; }  ///< exact

  struct Point {
    double value = 0;
    std::int64_t weight = 0;
  };
  /// What is kept, ascending; weights add up to count().
  std::vector<Point> points() const;

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "kll/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;
  /// The same as parts of another state's bytes, where -0 and NaN never stand.
  void write_content(ByteWriter& out) const;
  void read_content(ByteReader& in);

 private:
  std::size_t capacity(std::size_t level) const;
  void open_level(std::size_t level);
  void shrink();
  void compact(std::size_t level);

  int slot_;
  int k_;
  std::int64_t count_ = 0;
  std::int64_t nulls_ = 0;
  std::int64_t nans_ = 0;
  double sigma_ = 0;  // sqrt(V)
  double min_ = 0;
  double max_ = 0;
  std::vector<std::vector<double>> levels_;
  std::size_t kept_ = 0;      // values in all levels
  std::size_t capacity_ = 0;  // of all levels
};

}  // namespace cupel::states
