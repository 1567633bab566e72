#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "states/counted_numbers.h"
#include "states/estimate.h"
#include "states/kll.h"
#include "states/sorted_runs.h"
#include "states/state.h"

namespace cupel::states {

/// Quantiles and order statistics of a numeric column: exact within a memory limit, a KLL sketch with its error bound beyond.
///
/// All present values are kept as doubles (integers beyond 2^53 are rounded; NaN are counted apart; infinities are values at the ends):
/// as counts of distinct values where they repeat, else as they are, with positions found by selection rather than by sorting. The sketch
/// takes over when there are more than limit / 8 values of which more than limit / 64 differ. So ten million prices of nine thousand
/// different amounts stay exact in less than a megabyte.
///
/// When the budget of the process is used up (MemoryBudget), what is held goes to a temporary file as counts of values, and counting begins anew; the
/// answers, exact or of the sketch, are the same.
///
/// Exact content is a function of the rows alone. That of the sketch depends on where the rows were cut into parts as well (on the bytes of
/// the source, never on threads).
class Quantiles : public State {
 public:
  using Entry = CountedNumbers::Entry;

  explicit Quantiles(int slot, std::int64_t limit_bytes = k_state_bytes) : slot_(slot), limit_bytes_(limit_bytes), spilled_(limit_bytes / 4) {}

  /// The same without values.
  Quantiles emptied() const { return Quantiles(slot_, limit_bytes_); }

  /// Values in all, without NaN.
  std::int64_t count() const { return count_; }
  std::int64_t nulls() const { return nulls_; }
  std::int64_t nans() const { return nans_; }
  bool is_exact() const { return !sketch_.has_value(); }
  /// At p in [0, 1], with linear interpolation between the two nearest values (type 7 of Hyndman and Fan 1996, as numpy and R by
  /// default). Beyond the limit the true value lies in [low, high]. Empty without values. Threads may ask together.
  std::optional<Estimate> quantile(double p) const;
  /// Share of the values that are at most this one; 0 without values. Costs a pass over what is kept.
  Estimate share_at_most(double value) const;
  /// Exact always; empty without values.
  std::optional<double> min() const;
  std::optional<double> max() const;
  /// The value at position `at` from 0 in ascending order. CHECKs that it is exact and within count().
  double at(std::int64_t at) const;
  /// Distinct values ascending with their counts; beyond the limit those of the sketch, whose counts are weights. Costs a sort.
  std::vector<Entry> entries() const;
  /// Calls `take(value, count)` as entries() gives them, without holding them all where they are in a file.
  void for_each_entry(const std::function<void(double value, std::int64_t count)>& take) const;
  /// All values ascending, each as often as it occurs: eight bytes each. CHECKs that it is exact.
  std::vector<double> sorted() const;
  /// Beyond the limit: half width, in values, of the error of a rank.
  double rank_error() const { return sketch_ ? sketch_->rank_error() : 0; }

  /// One more value, not NaN.
  void add(double value, std::int64_t count = 1);
  void add_null(std::int64_t count = 1) { nulls_ += count; }
  void add_nan(std::int64_t count = 1) { nans_ += count; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "quantiles/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;
  void write_content(ByteWriter& out) const;
  void read_content(ByteReader& in);
  void put_away() override;
  std::optional<Error> problem() const override { return problem_ ? problem_ : spilled_.problem(); }

 private:
  // Of a file: values come in order, each perhaps several times.
  struct Counted {
    double value = 0;
    std::int64_t count = 0;
    bool operator<(const Counted& other) const { return value < other.value; }
  };
  // What was found out about the values, for later questions. A copy of the state begins without.
  struct Found;
  struct Cache {
    Cache() = default;
    Cache(const Cache&) {}
    Cache& operator=(const Cache&) {
      found.reset();
      return *this;
    }
    std::mutex mutex;  // of `found` and of the order of values_
    std::shared_ptr<Found> found;
  };

  bool over_limit() const;
  void settle();
  void keep_within_budget();
  void spill();
  // From the file back to counts or to a sketch: more values came than may stay as they are.
  void gather();
  void make_room_for(std::size_t more);
  void count_values();
  void spread();
  void sketch();
  void spread_counts(const CountedNumbers& counted, std::int64_t count_of_all);
  Found& found() const;

  int slot_;
  std::int64_t limit_bytes_;
  std::int64_t count_ = 0;
  std::int64_t nulls_ = 0;
  std::int64_t nans_ = 0;
  // One of the three holds the values. How exact ones are held is not part of what the state is.
  bool counting_ = true;
  CountedNumbers counted_;
  mutable std::vector<double> values_;  // in any order: selection moves them
  std::optional<Kll> sketch_;
  // Beside the first two: what they gave up.
  SortedRuns<Counted> spilled_;
  std::int64_t spilled_count_ = 0;
  std::optional<Error> problem_;  // of a file that is gone
  MemoryShare share_;  // of the first two
  std::int64_t reconsider_at_ = std::int64_t{1} << 14;  // number of values at which spread ones are looked at for repeats
  mutable Cache cache_;
};

}  // namespace cupel::states
