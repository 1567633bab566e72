#include "states/value_index.h"

#include <cmath>

#include "base/text.h"
#include "states/bit_mix.h"
#include "table/exact_order.h"
#include "table/timestamp.h"

namespace cupel::states {

using table::Type;

std::uint64_t ValueIndex::hash_of(const Item& item) {
  return item.kind == Kind::text ? item.bits : mix_bits(item.bits + static_cast<std::uint64_t>(item.kind) * 0x9e3779b97f4a7c15u);
}

ValueIndex::Item ValueIndex::item_of(const table::Column& column, std::int64_t row) const {
  switch (column.type) {
    case Type::boolean: return {Kind::boolean, column.booleans()[row] != 0 ? 1u : 0u, 0, 0};
    case Type::integer: return {Kind::integer, static_cast<std::uint64_t>(column.integers()[row]), 0, 0};
    case Type::timestamp: return {Kind::timestamp, static_cast<std::uint64_t>(column.integers()[row]), 0, 0};
    case Type::number: {
      const double value = column.numbers()[row];
      if (value == std::floor(value) && value >= -0x1p63 && value < 0x1p63) {
        return {Kind::integer, static_cast<std::uint64_t>(static_cast<std::int64_t>(value)), 0, 0};
      }
      return {Kind::number, number_bits(value), 0, 0};
    }
    case Type::text: break;
  }
  return {Kind::text, table_hash(column.text(row)), 0, 0};
}

std::uint32_t ValueIndex::number_of_item(Item item, std::string_view text) {
  const std::uint64_t hash = hash_of(item);
  const auto is_it = [&](std::size_t index) {
    const Item& known = items_[index];
    return known.kind == item.kind && known.bits == item.bits && (item.kind != Kind::text || text_of(known) == text);
  };
  const std::size_t known = table_.find(hash, is_it);
  if (known != IndexTable::k_none) return static_cast<std::uint32_t>(known);
  if (item.kind == Kind::text) {
    item.text_begin = bytes_.size();
    item.text_size = text.size();
    bytes_.append(text);
  }
  table_.add(hash, items_.size(), [&](std::size_t index) { return hash_of(items_[index]); });
  items_.push_back(item);
  return static_cast<std::uint32_t>(items_.size() - 1);
}

void ValueIndex::begin_batch(const table::Column& column) {
  codes_.clear();
  if (column.codes != nullptr && column.dictionary->num_rows <= 2 * column.num_rows) {
    codes_.assign(static_cast<std::size_t>(column.dictionary->num_rows), -1);
  }
}

std::uint32_t ValueIndex::number_of(const table::Column& column, std::int64_t row) {
  std::int64_t* known = column.codes != nullptr && !codes_.empty() ? &codes_[static_cast<std::size_t>(column.codes[row])] : nullptr;
  if (known != nullptr && *known >= 0) return static_cast<std::uint32_t>(*known);
  const std::uint32_t number = number_of_item(item_of(column, row), column.type == Type::text ? column.text(row) : std::string_view());
  if (known != nullptr) *known = number;
  return number;
}

std::uint32_t ValueIndex::number_in(const ValueIndex& other, std::uint32_t number) {
  const Item& item = other.items_[number];
  return number_of_item(item, other.text_of(item));
}

std::string ValueIndex::value_text(std::uint32_t number) const {
  const Item& item = items_[number];
  switch (item.kind) {
    case Kind::boolean: return item.bits != 0 ? "true" : "false";
    case Kind::integer: return fmt::format("{}", static_cast<std::int64_t>(item.bits));
    case Kind::number: return exact_text(std::bit_cast<double>(item.bits));
    case Kind::timestamp: return table::timestamp_text(static_cast<std::int64_t>(item.bits));
    case Kind::text: break;
  }
  return std::string(text_of(item));
}

bool ValueIndex::less(std::uint32_t a, std::uint32_t b) const {
  const Item& x = items_[a];
  const Item& y = items_[b];
  const auto is_number = [](const Item& item) { return item.kind == Kind::integer || item.kind == Kind::number; };
  if (!is_number(x) || !is_number(y)) {
    const auto rank = [&](const Item& item) { return is_number(item) ? Kind::integer : item.kind; };
    if (rank(x) != rank(y)) return rank(x) < rank(y);
    return x.kind == Kind::text ? text_of(x) < text_of(y) : static_cast<std::int64_t>(x.bits) < static_cast<std::int64_t>(y.bits);
  }
  if (x.kind == Kind::integer && y.kind == Kind::integer) return static_cast<std::int64_t>(x.bits) < static_cast<std::int64_t>(y.bits);
  const auto number = [](const Item& item) { return std::bit_cast<double>(item.bits); };
  if (x.kind == Kind::integer) return std::isnan(number(y)) || table::compare_exactly(static_cast<std::int64_t>(x.bits), number(y)) < 0;
  if (y.kind == Kind::integer) return !std::isnan(number(x)) && table::compare_exactly(static_cast<std::int64_t>(y.bits), number(x)) > 0;
  return std::isnan(number(y)) ? !std::isnan(number(x)) : number(x) < number(y);  // NaN last
}

void ValueIndex::write(ByteWriter& out) const {
  out.whole(items_.size());
  for (const Item& item : items_) {
    out.whole(static_cast<std::uint64_t>(item.kind));
    switch (item.kind) {
      case Kind::text: out.text(text_of(item)); break;
      case Kind::number: out.fixed(item.bits); break;
      default: out.whole_signed(static_cast<std::int64_t>(item.bits));
    }
  }
}

ValueIndex ValueIndex::read(ByteReader& in) {
  ValueIndex index;
  const std::int64_t size = in.count_of(2);
  for (std::int64_t i = 0; i < size && !in.failed(); ++i) {
    const std::uint64_t kind = in.whole();
    in.expect(kind <= static_cast<std::uint64_t>(Kind::text));
    if (in.failed()) break;
    Item item{static_cast<Kind>(kind), 0, 0, 0};
    std::string_view text;
    if (item.kind == Kind::text) {
      text = in.text();
      item.bits = table_hash(text);
    } else {
      item.bits = item.kind == Kind::number ? in.fixed() : static_cast<std::uint64_t>(in.whole_signed());
      in.expect(item.kind != Kind::boolean || item.bits <= 1);
      if (item.kind == Kind::number) {
        const auto value = std::bit_cast<double>(item.bits);
        in.expect(number_bits(value) == item.bits && !(value == std::floor(value) && value >= -0x1p63 && value < 0x1p63));
      }
    }
    in.expect(index.number_of_item(item, text) == static_cast<std::uint32_t>(i));  // twice the same value otherwise
  }
  return index;
}

}  // namespace cupel::states
