#pragma once

#include <functional>
#include <optional>

#include "states/heavy_hitters.h"
#include "states/hll.h"
#include "states/value_counts.h"

namespace cupel::states {

/// How often each value of a column of any type occurs: exact (ValueCounts) up to a memory limit; beyond it the number of different values
/// by Hll and the most frequent ones by HeavyHitters, each with its bounds.
///
/// The limit is on 56 bytes a distinct value and the bytes of their texts: a function of the set of values, so that exactness never depends on how the
/// rows were cut.
class Frequencies : public State {
 public:
  explicit Frequencies(int slot, std::int64_t limit_bytes = k_state_bytes) : slot_(slot), limit_bytes_(limit_bytes), exact_(slot) {}
  /// Told what was counted exactly, just before it is dropped.
  using Dropping = std::function<void(const ValueCounts&)>;

  bool is_exact() const { return !sketch_.has_value(); }
  /// Present values.
  std::int64_t count() const { return sketch_ ? sketch_->hitters.count() : exact_.count(); }
  std::int64_t nulls() const { return sketch_ ? sketch_->hitters.nulls() : exact_.nulls(); }
  Estimate distinct() const;
  /// By descending lower bound of the count. Each count is too small by at most count_error().
  std::vector<ValueCounts::Entry> by_count(std::int64_t at_most = -1) const;
  std::int64_t count_error() const { return sketch_ ? sketch_->hitters.error() : 0; }
  /// How often a value occurs: between low and high for certain.
  Estimate count_of(std::string_view value) const;
  /// CHECKs that it is exact.
  const ValueCounts& exact() const;

  void update(const table::Batch& batch, Selection rows) override { update(batch, rows, {}); }
  void merge(const State& later) override { merge(later, {}); }
  void update(const table::Batch& batch, Selection rows, const Dropping& dropping);
  void merge(const State& later, const Dropping& dropping);
  std::string_view format() const override { return "frequencies/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  struct Sketch {
    Hll distinct;
    HeavyHitters hitters;
  };
  void settle(const Dropping& dropping);
  void drop(const Dropping& dropping);
  void add(const ValueCounts& counts);

  int slot_;
  std::int64_t limit_bytes_;
  ValueCounts exact_;
  std::optional<Sketch> sketch_;
};

}  // namespace cupel::states
