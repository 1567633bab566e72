#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "states/byte_form.h"
#include "base/memory_budget.h"
#include "states/index_table.h"
#include "states/row_list.h"
#include "states/state.h"

namespace cupel::states {

/// Every distinct text of a column and the rows that hold it, in order of its first row: for questions that compare texts with each other.
/// Memory grows with the bytes of the distinct texts and by about a byte a row; they are given up when they do not fit the budget of the
/// process (MemoryBudget).
class TextRows : public State {
 public:
  explicit TextRows(int slot) : slot_(slot) {}
  /// Distinct texts.
  std::size_t size() const { return entries_.size(); }
  std::string_view text(std::size_t i) const { return std::string_view(bytes_).substr(entries_[i].begin, entries_[i].bytes); }
  /// Positions in the whole table, from 0.
  const RowList& rows(std::size_t i) const { return entries_[i].rows; }
  /// Kept rows with a text, and without.
  std::int64_t present() const { return present_; }
  std::int64_t nulls() const { return nulls_; }
  /// There was more text than fits: none is known.
  bool given_up() const { return given_up_; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "text_rows/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::size_t begin = 0;  // into bytes_
    std::size_t bytes = 0;
    RowList rows{};
  };
  // The entry of a text, which may be new.
  std::size_t entry_of(std::string_view text);
  void keep_within_budget();
  void give_up();

  int slot_;
  std::int64_t rows_passed_ = 0;  // all rows, kept or not
  std::int64_t present_ = 0;
  std::int64_t nulls_ = 0;
  std::string bytes_;
  std::vector<Entry> entries_;
  IndexTable index_;
  MemoryShare share_;
  bool given_up_ = false;
};

}  // namespace cupel::states
