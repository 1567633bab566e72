#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "states/byte_form.h"
#include "states/index_table.h"
#include "table/column.h"

namespace cupel::states {

/// Numbers the different present values of a column 0, 1, 2 … in the order in which they are first asked for. Numbers are equal by exact
/// value whatever their type: 3 and 3.0, 0 and -0, NaN and NaN; a text is never a number. Not a state of its own.
class ValueIndex {
 public:
  std::int64_t size() const { return static_cast<std::int64_t>(items_.size()); }
  /// Of a present value.
  std::uint32_t number_of(const table::Column& column, std::int64_t row);
  /// For dictionary text: the same, each entry looked up once a batch. Call begin_batch first.
  void begin_batch(const table::Column& column);
  /// The value that another index calls `number`, here.
  std::uint32_t number_in(const ValueIndex& other, std::uint32_t number);

  /// As table::value_text renders it.
  std::string value_text(std::uint32_t number) const;
  /// Numbers ascending, then timestamps, then text bytewise.
  bool less(std::uint32_t a, std::uint32_t b) const;

  void write(ByteWriter& out) const;
  static ValueIndex read(ByteReader& in);

 private:
  enum class Kind : std::uint8_t { boolean, integer, number, timestamp, text };
  struct Item {
    Kind kind = Kind::text;
    std::uint64_t bits = 0;  // of text: its hash
    std::size_t text_begin = 0;
    std::size_t text_size = 0;
  };
  Item item_of(const table::Column& column, std::int64_t row) const;
  std::uint32_t number_of_item(Item item, std::string_view text);
  std::string_view text_of(const Item& item) const { return std::string_view(bytes_).substr(item.text_begin, item.text_size); }
  static std::uint64_t hash_of(const Item& item);

  std::vector<Item> items_;
  std::string bytes_;
  IndexTable table_;
  std::vector<std::int64_t> codes_;  // scratch: number of each code of the batch's dictionary, or -1
};

}  // namespace cupel::states
