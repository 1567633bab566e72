#pragma once

#include <array>
#include <vector>

#include "states/key_digest.h"
#include "states/sorted_runs.h"
#include "states/state.h"

namespace cupel::states {

/// The digest of every kept row over some columns: what it takes to compare whole tables row by row or as multisets. Twenty-four bytes a row,
/// beyond a memory limit in a temporary file.
class DigestList : public State {
 public:
  enum class By {
    digest,  ///< then by row
    row,
  };
  /// One row, in the order asked for.
  class Record {
   public:
    Record() = default;
    Record(By by, KeyDigest digest, std::int64_t row) {
      const auto position = static_cast<std::uint64_t>(row);
      parts_ = by == By::digest ? std::array{digest.high, digest.low, position} : std::array{position, digest.high, digest.low};
    }
    KeyDigest digest(By by) const { return by == By::digest ? KeyDigest{parts_[0], parts_[1]} : KeyDigest{parts_[1], parts_[2]}; }
    /// Position in the whole table, from 0.
    std::int64_t row(By by) const { return static_cast<std::int64_t>(parts_[by == By::digest ? 2 : 0]); }
    bool operator<(const Record& other) const { return parts_ < other.parts_; }

   private:
    std::array<std::uint64_t, 3> parts_{};
  };

  explicit DigestList(std::vector<int> slots, By by = By::row, std::int64_t limit_bytes = k_state_bytes)
      : slots_(std::move(slots)), by_(by), limit_bytes_(limit_bytes), records_(limit_bytes) {}
  std::int64_t count() const { return records_.size(); }
  By by() const { return by_; }
  const SortedRuns<Record>& records() const { return records_; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "digest_list/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;
  void put_away() override { records_.put_away(); }
  std::optional<Error> problem() const override { return records_.problem(); }

 private:
  DigestList emptied() const { return DigestList(slots_, by_, limit_bytes_); }

  std::vector<int> slots_;
  By by_;
  std::int64_t limit_bytes_;
  std::int64_t rows_passed_ = 0;  // all rows, kept or not
  SortedRuns<Record> records_;
  RowDigests batch_;  // scratch
};

}  // namespace cupel::states
