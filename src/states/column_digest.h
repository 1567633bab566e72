#pragma once

#include "states/state.h"

namespace cupel::states {

/// A digest of all values of a column in their order, nulls included: columns of equal content have equal digests, whatever their type
/// (3 and 3.0 are one value). Each row's 64-bit hash is a coefficient of a polynomial modulo 2^61 - 1, at two points: parts are joined by
/// a power of the point. The chance of two different columns of n rows agreeing by accident is below (n / 2^61)^2.
class ColumnDigest : public State {
 public:
  struct Digest {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    bool operator==(const Digest&) const = default;
    auto operator<=>(const Digest&) const = default;
  };
  explicit ColumnDigest(int slot) : slot_(slot) {}
  std::int64_t rows() const { return rows_; }
  /// Of the kept rows.
  Digest digest() const { return {high_, low_}; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "column_digest/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  int slot_;
  std::int64_t rows_ = 0;
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

}  // namespace cupel::states
