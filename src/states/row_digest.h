#pragma once

#include <vector>

#include "states/key_digest.h"
#include "states/state.h"

namespace cupel::states {

/// A digest of the rows over some columns as a multiset: the sum modulo 2^128 of a 128-bit hash of every kept row, and their number. Rows in
/// another order have the same digest; a row more, less or altered has another. Within a row values are equal as in RowDigests: null equals null
/// and differs from an empty text, 3 and 3.0 are one value, as are 0 and -0 and all NaN. The columns count in the order of the slots.
///
/// It finds equal tables and is no seal: two tables that differ by accident agree with a chance of about 2^-128, but whoever chooses the rows can
/// make tables that agree.
class RowDigest : public State {
 public:
  /// 128 bits, modulo 2^128.
  struct Digest {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    bool operator==(const Digest&) const = default;
    auto operator<=>(const Digest&) const = default;
  };
  explicit RowDigest(std::vector<int> slots) : slots_(std::move(slots)) {}
  /// Kept rows.
  std::int64_t rows() const { return rows_; }
  /// Zero without rows.
  Digest digest() const { return sum_; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "row_digest/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  void add(Digest hash);

  std::vector<int> slots_;
  std::int64_t rows_ = 0;
  Digest sum_;
  RowDigests batch_;  // scratch
};

}  // namespace cupel::states
