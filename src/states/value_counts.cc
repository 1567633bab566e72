#include "states/value_counts.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include "base/text.h"
#include "states/bit_mix.h"
#include "states/kept_rows.h"
#include "states/key_digest.h"
#include "table/timestamp.h"

namespace cupel::states {

using table::Type;

namespace {
constexpr std::size_t k_ahead = 12;  // look-ups prefetched
}

ValueCounts::Kind ValueCounts::kind_of(Type type) {
  switch (type) {
    case Type::boolean: return Kind::boolean;
    case Type::integer: return Kind::integer;
    case Type::number: return Kind::number;
    case Type::timestamp: return Kind::timestamp;
    case Type::text: return Kind::text;
  }
  return Kind::none;
}

std::uint64_t ValueCounts::hash_of(const Item& item) const { return kind_ == Kind::text ? item.key : mix_bits(item.key); }

std::size_t ValueCounts::add_item(Item item, std::uint64_t hash) {
  table_.add(hash, entries_.size(), [&](std::size_t index) { return hash_of(entries_[index]); });
  entries_.push_back(item);
  return entries_.size() - 1;
}

std::size_t ValueCounts::item_of_key(std::uint64_t key, std::int64_t row) {
  const std::uint64_t hash = mix_bits(key);
  const std::size_t known = table_.find(hash, [&](std::size_t index) { return entries_[index].key == key; });
  return known != IndexTable::k_none ? known : add_item({key, 0, row, 0, 0}, hash);
}

std::size_t ValueCounts::item_of_text(std::string_view text, std::uint64_t hash, std::int64_t row) {
  const auto is_it = [&](std::size_t index) { return entries_[index].key == hash && text_of(entries_[index]) == text; };
  const std::size_t known = table_.find(hash, is_it);
  if (known != IndexTable::k_none) return known;
  const std::size_t begin = bytes_.size();
  bytes_.append(text);
  return add_item({hash, 0, row, begin, text.size()}, hash);
}

std::string ValueCounts::value_of(const Item& item) const {
  switch (kind_) {
    case Kind::boolean: return item.key != 0 ? "true" : "false";
    case Kind::integer: return fmt::format("{}", static_cast<std::int64_t>(item.key));
    case Kind::number: return exact_text(std::bit_cast<double>(item.key));
    case Kind::timestamp: return table::timestamp_text(static_cast<std::int64_t>(item.key));
    case Kind::text: return std::string(text_of(item));
    case Kind::none: break;
  }
  return {};
}

void ValueCounts::to_text() {
  if (kind_ == Kind::text) return;
  std::vector<Item> before = std::move(entries_);
  std::vector<std::string> values;
  values.reserve(before.size());
  for (const Item& item : before) values.push_back(value_of(item));
  entries_.clear();
  table_.clear();
  dictionary_id_ = 0;
  kind_ = Kind::text;
  for (std::size_t i = 0; i < before.size(); ++i) {
    entries_[item_of_text(values[i], table_hash(values[i]), before[i].first_row)].count += before[i].count;
  }
}

// A part of another type (a column that was read as numbers here and as text there) makes all keys text.
void ValueCounts::become(Kind kind) {
  if (kind_ == Kind::none) {
    kind_ = kind;
  } else if (kind_ != kind) {
    to_text();
  }
}

void ValueCounts::add_texts(const table::Column& column, std::int64_t num_rows, Selection rows) {
  std::size_t last = std::numeric_limits<std::size_t>::max();
  const auto take = [&](std::int64_t row) {
    const std::string_view text = column.text(row);
    if (last >= entries_.size() || text_of(entries_[last]) != text) last = item_of_text(text, table_hash(text), rows_passed_ + row);
    ++entries_[last].count;
    ++count_;
  };
  for_each_kept(column, num_rows, rows, take, [&](std::int64_t) { ++nulls_; });
}

void ValueCounts::add_codes(const table::Column& column, std::int64_t num_rows, Selection rows) {
  const auto num_codes = static_cast<std::size_t>(column.dictionary->num_rows);
  if (column.dictionary_id == 0 || column.dictionary_id != dictionary_id_) code_items_.clear();
  dictionary_id_ = column.dictionary_id;
  code_items_.resize(num_codes, -1);
  const auto take = [&](std::int64_t row) {
    std::int64_t& item = code_items_[static_cast<std::size_t>(column.codes[row])];
    if (item < 0) {
      const std::string_view text = column.text(row);
      item = static_cast<std::int64_t>(item_of_text(text, table_hash(text), rows_passed_ + row));
    }
    ++entries_[static_cast<std::size_t>(item)].count;
    ++count_;
  };
  for_each_kept(column, num_rows, rows, take, [&](std::int64_t) { ++nulls_; });
}

template <typename Key>
void ValueCounts::add_keys(const table::Column& column, std::int64_t num_rows, Selection rows, Key key_of) {
  std::size_t last = std::numeric_limits<std::size_t>::max();
  const auto take = [&](std::int64_t row) {
    const std::uint64_t key = key_of(row);
    if (last >= entries_.size() || entries_[last].key != key) last = item_of_key(key, rows_passed_ + row);
    ++entries_[last].count;
    ++count_;
  };
  for_each_kept(column, num_rows, rows, take, [&](std::int64_t) { ++nulls_; });
}

void ValueCounts::update(const table::Batch& batch, Selection rows) {
  const table::Column& column = batch.columns[static_cast<std::size_t>(slot_)];
  const std::int64_t n = batch.num_rows;
  if (kind_ != Kind::none && kind_ != kind_of(column.type)) {  // another type than before: as if it were the next part
    ValueCounts part(slot_);
    part.update(batch, rows);
    return merge(part);
  }
  kind_ = kind_of(column.type);
  switch (column.type) {
    case Type::boolean: add_keys(column, n, rows, [&](std::int64_t row) { return std::uint64_t{column.booleans()[row] != 0}; }); break;
    case Type::integer:
    case Type::timestamp:
      add_keys(column, n, rows, [&](std::int64_t row) { return static_cast<std::uint64_t>(column.integers()[row]); });
      break;
    case Type::number: add_keys(column, n, rows, [&](std::int64_t row) { return number_bits(column.numbers()[row]); }); break;
    case Type::text:
      if (column.codes != nullptr && (column.dictionary_id != 0 || column.dictionary->num_rows <= 2 * n)) {
        add_codes(column, n, rows);
      } else {
        add_texts(column, n, rows);
      }
      break;
  }
  if (entries_.empty()) kind_ = Kind::none;
  rows_passed_ += n;
}

void ValueCounts::merge(const State& later) {
  const auto* other = &same_kind<ValueCounts>(later);
  ValueCounts converted(slot_);
  if (other->kind_ != Kind::none) become(other->kind_);
  if (other->kind_ != Kind::none && kind_ != other->kind_) {
    converted = *other;
    converted.to_text();
    other = &converted;
  }
  for (std::size_t i = 0; i < other->entries_.size(); ++i) {
    if (i + k_ahead < other->entries_.size()) table_.prefetch(hash_of(other->entries_[i + k_ahead]));
    const Item& item = other->entries_[i];
    const std::int64_t row = item.first_row + rows_passed_;
    const std::size_t mine = kind_ == Kind::text ? item_of_text(other->text_of(item), item.key, row) : item_of_key(item.key, row);
    entries_[mine].count += item.count;
  }
  count_ += other->count_;
  nulls_ += other->nulls_;
  rows_passed_ += other->rows_passed_;
}

bool ValueCounts::value_less(const Item& a, const Item& b) const {
  switch (kind_) {
    case Kind::text: return text_of(a) < text_of(b);
    case Kind::number: {
      const auto x = std::bit_cast<double>(a.key);
      const auto y = std::bit_cast<double>(b.key);
      return std::isnan(y) ? !std::isnan(x) : x < y;  // NaN last
    }
    default: return static_cast<std::int64_t>(a.key) < static_cast<std::int64_t>(b.key);
  }
}

std::vector<ValueCounts::Entry> ValueCounts::by_count(std::int64_t at_most) const {
  std::vector<std::uint32_t> order(entries_.size());
  std::iota(order.begin(), order.end(), 0u);
  const auto wanted = at_most < 0 ? order.size() : std::min(order.size(), static_cast<std::size_t>(at_most));
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    if (entries_[a].count != entries_[b].count) return entries_[a].count > entries_[b].count;
    return value_less(entries_[a], entries_[b]);
  };
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(wanted), order.end(), before);
  std::vector<Entry> all;
  all.reserve(wanted);
  for (std::size_t i = 0; i < wanted; ++i) {
    const Item& item = entries_[order[i]];
    all.push_back({value_of(item), item.count, item.first_row});
  }
  return all;
}

Scalar ValueCounts::scalar_of(const Item& item) const {
  Scalar value;
  value.integer = static_cast<std::int64_t>(item.key);
  value.number = static_cast<double>(value.integer);
  switch (kind_) {
    case Kind::boolean: value.type = Type::boolean; break;
    case Kind::integer: value.type = Type::integer; break;
    case Kind::timestamp: value.type = Type::timestamp; break;
    case Kind::number:
      value.type = Type::number;
      value.number = std::bit_cast<double>(item.key);
      break;
    default: value.text = text_of(item);
  }
  return value;
}

KeyDigest ValueCounts::digest_of(const Item& item) const {
  switch (kind_) {
    case Kind::boolean:
    case Kind::integer: return digests::of_integer(static_cast<std::int64_t>(item.key));
    case Kind::number: return digests::of_number(std::bit_cast<double>(item.key));
    case Kind::timestamp: return digests::of_bits(item.key, 3);
    default: return digests::of_text(text_of(item));
  }
}

std::optional<Type> ValueCounts::type() const {
  switch (kind_) {
    case Kind::boolean: return Type::boolean;
    case Kind::integer: return Type::integer;
    case Kind::number: return Type::number;
    case Kind::timestamp: return Type::timestamp;
    case Kind::text: return Type::text;
    case Kind::none: break;
  }
  return std::nullopt;
}

ValueCounts ValueCounts::begun_anew() const {
  ValueCounts anew(slot_);
  anew.rows_passed_ = rows_passed_;
  return anew;
}

ValueCounts ValueCounts::reduced(std::int64_t by) const {
  ValueCounts rest(slot_);
  rest.kind_ = kind_;
  for (const Item& item : entries_) {
    if (item.count <= by) continue;
    const std::size_t at = kind_ == Kind::text ? rest.item_of_text(text_of(item), item.key, item.first_row) : rest.item_of_key(item.key, item.first_row);
    rest.entries_[at].count = item.count - by;
    rest.count_ += item.count - by;
  }
  if (rest.entries_.empty()) rest.kind_ = Kind::none;
  rest.nulls_ = nulls_;
  rest.rows_passed_ = rows_passed_;
  return rest;
}

std::int64_t ValueCounts::count_at(std::int64_t position) const {
  std::vector<std::int64_t> all = counts();
  const auto at = all.begin() + position;
  std::nth_element(all.begin(), at, all.end(), std::greater<>());
  return *at;
}

void ValueCounts::add_text(std::string_view text, std::int64_t row, std::int64_t count) {
  become(Kind::text);
  entries_[item_of_text(text, table_hash(text), rows_passed_ + row)].count += count;
  count_ += count;
}

std::vector<std::int64_t> ValueCounts::counts() const {
  std::vector<std::int64_t> all;
  all.reserve(entries_.size());
  for (const Item& item : entries_) all.push_back(item.count);
  return all;
}

}  // namespace cupel::states
