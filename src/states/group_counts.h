#pragma once

#include <optional>
#include <vector>

#include "states/index_table.h"
#include "states/scalar.h"
#include "states/state.h"

namespace cupel::states {

/// The different combinations of values of one column or several, with the rows of each. Null is a value like any other; numbers are told
/// apart by value: 3 and 3.0, 0 and -0, NaN and NaN are one. Beyond `limit` combinations all are forgotten and only the fact remains: memory is
/// bounded by the limit.
class GroupCounts : public State {
 public:
  struct Group {
    std::vector<std::optional<Scalar>> values;  ///< one a column; nothing: null
    std::int64_t rows = 0;
  };

  GroupCounts(std::vector<int> slots, std::int64_t limit) : slots_(std::move(slots)), limit_(limit) {}
  /// There are more than the limit; `groups` is empty then.
  bool over_limit() const { return over_limit_; }
  std::int64_t limit() const { return limit_; }
  /// In order of the first row.
  const std::vector<Group>& groups() const { return groups_; }
  /// By value, column after column: numbers and timestamps ascending, text bytewise, NaN behind all numbers, null last.
  std::vector<Group> sorted() const;

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "group_counts/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  using Values = std::vector<std::optional<Scalar>>;
  void add_row(const table::Batch& batch, std::int64_t row);
  // The group of these values; a new one starts with no rows. Null pointer: that would be one too many.
  Group* find_or_add(Values values, std::uint64_t hash);
  void forget();

  std::vector<int> slots_;
  std::int64_t limit_;
  bool over_limit_ = false;
  std::vector<Group> groups_;
  std::vector<std::uint64_t> hashes_;  // of groups_
  IndexTable table_;                   // of groups_
};

}  // namespace cupel::states
