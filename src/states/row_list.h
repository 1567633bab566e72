#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "states/byte_form.h"

namespace cupel::states {

/// Ascending row numbers from 0, kept as varints of their gaps: about one byte a row. Not a state of its own; states that record rows
/// keep one, /// together with the number of rows that passed, by which `append_shifted` moves the rows of the part that follows; outcomes tell their unexpected rows by
/// one.
class RowList {
 public:
  /// `row` must be above all that are here (CHECK).
  void append(std::int64_t row);
  /// Appends all rows of another list plus `shift`.
  void append_shifted(const RowList& later, std::int64_t shift);

  std::int64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// The greatest row, -1 when empty.
  std::int64_t last() const { return last_; }
  /// The first `at_most` rows.
  std::vector<std::int64_t> rows(std::int64_t at_most = std::numeric_limits<std::int64_t>::max()) const;
  /// The least row. CHECKs that there is one.
  std::int64_t first() const;
  bool operator==(const RowList&) const = default;

  /// A place among the rows; copies go on from there by themselves. The list must outlive it, unchanged.
  class Cursor {
   public:
    explicit Cursor(const RowList& rows) : rows_(&rows) {}
    /// The next row, or false at the end.
    bool next(std::int64_t& row) {
      if (at_ == rows_->gaps_.size()) return false;
      row = row_ += rows_->next_gap(at_) + 1;
      return true;
    }

   private:
    const RowList* rows_;
    std::size_t at_ = 0;
    std::int64_t row_ = -1;
  };

  /// Calls `take(row)` in ascending order.
  template <typename Take>
  void for_each(Take&& take) const {
    std::int64_t row = -1;
    for (std::size_t at = 0; at < gaps_.size();) take(row += next_gap(at) + 1);
  }

  /// The rows of either.
  static RowList united(const RowList& a, const RowList& b);

  void write(ByteWriter& out) const;
  /// Rows must be below `rows_passed`, else the reader notes a mistake.
  static RowList read(ByteReader& in, std::int64_t rows_passed);

 private:
  std::int64_t next_gap(std::size_t& at) const {
    std::uint64_t gap = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(gaps_[at++]);
      gap |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return static_cast<std::int64_t>(gap);
    }
  }

  std::int64_t size_ = 0;
  std::int64_t last_ = -1;
  std::string gaps_;
};

}  // namespace cupel::states
