#pragma once

#include "states/estimate.h"
#include "states/state.h"
#include "states/value_counts.h"

namespace cupel::states {

/// The most frequent values of a column of any type in bounded memory: the counters of Misra and Gries (1982; Space-Saving, Metwally et al.
/// 2005, keeps the same ones, see Agarwal et al., "Mergeable summaries", 2012), purged in batches as by Anderson et al. (2017).
///
/// Exact while at most 2 k values differ. Then the (k + 1)-th largest count is taken off every count, and what is not positive goes; the sum of what was
/// taken off is the error: a value that is listed occurs between its count and count + error() times, one that is not at most error()
/// times. error() is at most count() / (k + 1). The bounds are certain. After the first purge what is kept depends on where the rows
/// were cut into parts, never on threads.
class HeavyHitters : public State {
 public:
  static constexpr std::int64_t k_default = 1024;
  explicit HeavyHitters(int slot, std::int64_t k = k_default) : slot_(slot), k_(k), kept_(slot) {}

  /// Present values.
  std::int64_t count() const { return count_; }
  std::int64_t nulls() const { return kept_.nulls(); }
  std::int64_t error() const { return error_; }
  bool is_exact() const { return error_ == 0; }
  /// The values that are kept with the lower bounds of their counts, the most frequent first.
  std::vector<ValueCounts::Entry> by_count(std::int64_t at_most = -1) const { return kept_.by_count(at_most); }
  /// Between low and high for certain.
  Estimate count_of(std::string_view value) const;

  /// The values of an exact count, as the next rows.
  void add(const ValueCounts& counts);
  /// A text of row `row` of the rows to come; pass_rows then says how many those were.
  void add_text(std::string_view text, std::int64_t row, std::int64_t count = 1);
  void add_nulls(std::int64_t count) { kept_.add_nulls(count); }
  void pass_rows(std::int64_t num_rows);

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "heavy_hitters/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  void purge();

  int slot_;
  std::int64_t k_;
  std::int64_t count_ = 0;
  std::int64_t error_ = 0;
  ValueCounts kept_;
};

}  // namespace cupel::states
