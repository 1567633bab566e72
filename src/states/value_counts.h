#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "states/byte_form.h"
#include "states/index_table.h"
#include "states/key_digest.h"
#include "states/scalar.h"
#include "states/state.h"

namespace cupel::states {

/// Exact frequency of each present value of a column of any type. Numbers are told apart by their exact value: 3 and 3.0 are one value,
/// as are 0 and -0; all NaN are one value "nan". Memory grows with the distinct values.
class ValueCounts : public State {
 public:
  struct Entry {
    std::string value{};  ///< as table::value_text
    std::int64_t count = 0;
    std::int64_t first_row = 0;  ///< position in the whole table, from 0
    bool operator==(const Entry&) const = default;
  };

  explicit ValueCounts(int slot) : slot_(slot) {}
  std::int64_t nulls() const { return nulls_; }
  /// Present values in all.
  std::int64_t count() const { return count_; }
  std::int64_t distinct() const { return static_cast<std::int64_t>(entries_.size()); }
  /// By descending count, then by value: numbers and timestamps ascending, text bytewise. Costs a sort; `at_most` only the first.
  std::vector<Entry> by_count(std::int64_t at_most = -1) const;
  /// In order of the first row, as (count, first row) without the text: for statistics of the frequencies alone.
  std::vector<std::int64_t> counts() const;
  /// Calls `take(value, count, first_row)` for every value in order of its first row.
  template <typename Take>
  void for_each(Take&& take) const {
    for (const Item& item : entries_) take(scalar_of(item), item.count, item.first_row);
  }
  /// The same with the upper half of the value's digest (key_digest.h).
  template <typename Take>
  void for_each_digest(Take&& take) const {
    for (const Item& item : entries_) take(digest_of(item).high, item.count);
  }
  /// For states that keep counts elsewhere: `take(digest, count, first_row, bits, text_begin, text_size)` with the bits of a value that is no text, and
  /// where a text stands in all_texts().
  template <typename Take>
  void for_each_key(Take&& take) const {
    for (const Item& item : entries_) take(digest_of(item), item.count, item.first_row, item.key, item.text_begin, item.text_size);
  }
  const std::string& all_texts() const { return bytes_; }
  /// Of the values; empty without any.
  std::optional<table::Type> type() const;
  std::int64_t rows_passed() const { return rows_passed_; }
  /// Without anything counted, for the rows that follow.
  ValueCounts begun_anew() const;
  /// What is held, as a function of the distinct values alone.
  std::int64_t memory_bytes() const { return static_cast<std::int64_t>(entries_.size() * k_entry_bytes + bytes_.size()); }
  /// What the allocator gave for them.
  std::int64_t allocated_bytes() const { return static_cast<std::int64_t>(entries_.capacity() * sizeof(Item) + bytes_.capacity() + code_items_.capacity() * sizeof(std::int64_t)) + table_.memory_bytes(); }
  /// Every count less `by`, without those that are then not positive.
  ValueCounts reduced(std::int64_t by) const;
  /// The count at this position from 0 in descending order of counts.
  std::int64_t count_at(std::int64_t position) const;
  /// Counts a text of row `row` of the rows to come; pass_rows then says how many those were. Only for states that make texts of values.
  void add_text(std::string_view text, std::int64_t row, std::int64_t count = 1);
  void add_nulls(std::int64_t count) { nulls_ += count; }
  void pass_rows(std::int64_t num_rows) { rows_passed_ += num_rows; }
  /// 0 if it does not occur. For numbers `value` may be written in any way ("5", "5.0").
  std::int64_t count_of(std::string_view value) const;

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "value_counts/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  // The kind of the keys; a part without any value has none yet.
  enum class Kind : std::uint8_t { none, boolean, integer, number, timestamp, text };
  struct Item {
    std::uint64_t key = 0;  // text: its hash; number: its bits; else its value
    std::int64_t count = 0;
    std::int64_t first_row = 0;
    std::size_t text_begin = 0;  // into bytes_, text only
    std::size_t text_size = 0;
  };

  static constexpr std::size_t k_entry_bytes = 56;  // with its part of the table

  static Kind kind_of(table::Type type);
  Scalar scalar_of(const Item& item) const;
  KeyDigest digest_of(const Item& item) const;
  void become(Kind kind);
  void add_texts(const table::Column& column, std::int64_t num_rows, Selection rows);
  void add_codes(const table::Column& column, std::int64_t num_rows, Selection rows);
  template <typename Key>
  void add_keys(const table::Column& column, std::int64_t num_rows, Selection rows, Key key_of);
  // Index of the entry in entries_; a new one starts with count 0.
  std::size_t item_of_key(std::uint64_t key, std::int64_t row);
  std::size_t item_of_text(std::string_view text, std::uint64_t hash, std::int64_t row);
  std::size_t add_item(Item item, std::uint64_t hash);
  std::uint64_t hash_of(const Item& item) const;
  std::string_view text_of(const Item& item) const { return std::string_view(bytes_).substr(item.text_begin, item.text_size); }
  std::string value_of(const Item& item) const;
  bool value_less(const Item& a, const Item& b) const;
  std::optional<std::uint64_t> key_of(std::string_view value) const;
  const Item* find(std::string_view value) const;
  void to_text();
  void read_items(ByteReader& in);

  int slot_;
  Kind kind_ = Kind::none;
  std::int64_t rows_passed_ = 0;  // all rows, kept or not
  std::int64_t nulls_ = 0;
  std::int64_t count_ = 0;
  std::vector<Item> entries_;             // in order of first row
  std::string bytes_;                     // of all texts
  IndexTable table_;                      // of entries_
  std::vector<std::int64_t> code_items_;  // index of the entry of each code of the dictionary seen last, or -1
  std::uint64_t dictionary_id_ = 0;
};

}  // namespace cupel::states
