#pragma once

#include <optional>

#include "states/value_frequencies.h"
#include "states/moments.h"
#include "states/patterns.h"
#include "states/quantiles.h"
#include "states/scalar.h"
#include "states/text_lengths.h"

namespace cupel::states {

/// Everything that a profile keeps of one column: nulls, frequencies and distinct values; extremes; of numbers and times moments and quantiles;
/// of texts lengths and shapes.
///
/// While the different values fit the memory limit (Frequencies) the counts of the values are all that is held and updated: the rest follows from
/// them, exactly, when it is asked for. Beyond, each of the others lives on as its own state, fed with what was counted so far.
/// Moments and quantiles take booleans as 0 and 1 and timestamps in microseconds.
class ColumnProfile : public State {
 public:
  explicit ColumnProfile(int slot, std::int64_t limit_bytes = k_state_bytes)
      : slot_(slot), limit_bytes_(limit_bytes), frequencies_(slot, limit_bytes) {}

  /// All values with their counts are known.
  bool is_exact() const { return frequencies_.is_exact(); }
  const Frequencies& frequencies() const { return frequencies_; }
  std::int64_t nulls() const { return frequencies_.nulls(); }
  /// Present values, NaN among them.
  std::int64_t count() const { return frequencies_.count(); }
  /// NaN are passed over; empty without values.
  std::optional<Scalar> min() const;
  std::optional<Scalar> max() const;
  Moments moments() const;
  Quantiles quantiles() const;
  TextLengths lengths() const;
  Patterns patterns() const;

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "column_profile/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  // What is known of a column beyond its counts.
  struct Wide {
    explicit Wide(int slot) : moments(slot), quantiles(slot), lengths(slot), patterns(slot) {}
    void add(const ValueCounts& counts);
    void merge(const Wide& later);
    std::optional<Scalar> min;
    std::optional<Scalar> max;
    Moments moments;
    Quantiles quantiles;
    TextLengths lengths;
    Patterns patterns;
  };
  Wide facts() const;
  Frequencies::Dropping widen();

  int slot_;
  std::int64_t limit_bytes_;
  Frequencies frequencies_;
  std::optional<Wide> wide_;  // there when the counts are not exact
};

}  // namespace cupel::states
