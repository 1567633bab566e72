// Looking up one value by its text, and the byte form: where texts become keys.
#include <cmath>
#include <limits>

#include "base/text.h"
#include "states/bit_mix.h"
#include "states/value_counts.h"
#include "table/timestamp.h"

namespace cupel::states {
namespace {

std::optional<double> number_of(std::string_view value) {
  if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  return parse_number(value);
}

std::optional<std::int64_t> integer_of(std::string_view value) {
  if (const auto integer = parse_integer(value)) return integer;
  const std::optional<double> number = parse_number(value);
  if (!number || *number != std::floor(*number) || !(std::abs(*number) < 0x1p63)) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

}  // namespace

// The key that a value would have, or nothing if no value of this kind is written so.
std::optional<std::uint64_t> ValueCounts::key_of(std::string_view value) const {
  switch (kind_) {
    case Kind::boolean:
      if (value != "true" && value != "false") return std::nullopt;
      return value == "true" ? 1 : 0;
    case Kind::integer:
      if (const auto integer = integer_of(value)) return static_cast<std::uint64_t>(*integer);
      return std::nullopt;
    case Kind::number:
      if (const auto number = number_of(value)) return number_bits(*number);
      return std::nullopt;
    case Kind::timestamp:
      if (const auto micros = table::parse_timestamp(value)) return static_cast<std::uint64_t>(*micros);
      return std::nullopt;
    case Kind::text: return table_hash(value);
    case Kind::none: break;
  }
  return std::nullopt;
}

const ValueCounts::Item* ValueCounts::find(std::string_view value) const {
  const std::optional<std::uint64_t> key = key_of(value);
  if (!key) return nullptr;
  const std::uint64_t hash = kind_ == Kind::text ? *key : mix_bits(*key);
  const auto is_it = [&](std::size_t index) {
    return entries_[index].key == *key && (kind_ != Kind::text || text_of(entries_[index]) == value);
  };
  const std::size_t index = table_.find(hash, is_it);
  return index == IndexTable::k_none ? nullptr : &entries_[index];
}

std::int64_t ValueCounts::count_of(std::string_view value) const {
  const Item* item = find(value);
  return item == nullptr ? 0 : item->count;
}

void ValueCounts::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(static_cast<std::uint64_t>(kind_));
  bytes.whole(static_cast<std::uint64_t>(rows_passed_));
  bytes.whole(static_cast<std::uint64_t>(nulls_));
  bytes.whole(entries_.size());
  for (const Item& item : entries_) {
    bytes.whole(static_cast<std::uint64_t>(item.count));
    bytes.whole(static_cast<std::uint64_t>(item.first_row));
    switch (kind_) {
      case Kind::text: bytes.text(text_of(item)); break;
      case Kind::number: bytes.fixed(item.key); break;
      default: bytes.whole_signed(static_cast<std::int64_t>(item.key));
    }
  }
  bytes.seal(format(), out);
}

void ValueCounts::read_items(ByteReader& in) {
  const std::int64_t size = in.count_of(3);
  in.expect((size == 0) == (kind_ == Kind::none));
  std::int64_t before = -1;
  for (std::int64_t i = 0; i < size && !in.failed(); ++i) {
    const std::int64_t count = in.count();
    const std::int64_t row = in.count();
    in.expect(count > 0 && row > before && row < rows_passed_ && count <= rows_passed_);
    before = row;
    std::size_t at = 0;
    if (kind_ == Kind::text) {
      const std::string_view text = in.text();
      at = item_of_text(text, table_hash(text), row);
    } else {
      const std::uint64_t key = kind_ == Kind::number ? in.fixed() : static_cast<std::uint64_t>(in.whole_signed());
      in.expect(kind_ != Kind::number || number_bits(std::bit_cast<double>(key)) == key);
      in.expect(kind_ != Kind::boolean || key <= 1);
      at = item_of_key(key, row);
    }
    in.expect(entries_[at].count == 0);  // twice the same value otherwise
    if (in.failed()) return;
    entries_[at].count = count;
    count_ += count;
    in.expect(count_ <= rows_passed_);
  }
}

Result<void> ValueCounts::read(std::string_view bytes) {
  *this = ValueCounts(slot_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  ValueCounts fresh(slot_);
  const std::uint64_t kind = in.whole();
  in.expect(kind <= static_cast<std::uint64_t>(Kind::text));
  fresh.kind_ = in.failed() ? Kind::none : static_cast<Kind>(kind);
  fresh.rows_passed_ = in.count();
  fresh.nulls_ = in.count();
  fresh.read_items(in);
  in.expect(fresh.count_ + fresh.nulls_ <= fresh.rows_passed_);
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
