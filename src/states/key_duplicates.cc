#include "states/key_duplicates.h"

#include <algorithm>
#include <iterator>

#include "states/bit_mix.h"
#include "states/kept_rows.h"

namespace cupel::states {
namespace {

using table::Type;

// Two independent 64-bit hashes of one value. They are part of the byte form: changing them is a new format.
struct Digest {
  std::uint64_t high;
  std::uint64_t low;
};

constexpr std::uint64_t k_high = 0x9e3779b97f4a7c15u;
constexpr std::uint64_t k_low = 0xc2b2ae3d27d4eb4fu;
constexpr std::size_t k_ahead = 12;  // look-ups prefetched
constexpr Digest k_null = {0x6e756c6c00000001u, 0x6e756c6c00000002u};

// `tag` keeps kinds of values apart that have equal bits.
Digest digest_bits(std::uint64_t bits, std::uint64_t tag) {
  return {mix_bits(bits + tag * k_high), mix_bits((bits ^ k_low) * k_high + tag)};
}

Digest digest_integer(std::int64_t value) { return digest_bits(static_cast<std::uint64_t>(value), 1); }

// A whole number hashes as the integer, so that 3 and 3.0 are one key.
Digest digest_number(double value) {
  if (value == std::floor(value) && value >= -0x1p63 && value < 0x1p63) return digest_integer(static_cast<std::int64_t>(value));
  return digest_bits(number_bits(value), 2);
}

Digest digest_text(std::string_view text) { return {fast_hash(text, k_high), fast_hash(text, k_low)}; }

}  // namespace

void KeyDuplicates::digest(const table::Batch& batch) {
  const auto num_rows = static_cast<std::size_t>(batch.num_rows);
  keys_.assign(num_rows, Key{});
  present_.assign(num_rows, 0);
  const auto add = [&](std::int64_t row, Digest value) {
    Key& key = keys_[static_cast<std::size_t>(row)];
    key.high = mix_bits(key.high * k_high + value.high);
    key.low = mix_bits(key.low * k_low + value.low);
  };
  for (const int slot : slots_) {
    const table::Column& column = batch.columns[static_cast<std::size_t>(slot)];
    const auto each = [&](auto digest_of) {
      const auto present = [&](std::int64_t row) {
        add(row, digest_of(row));
        present_[static_cast<std::size_t>(row)] = 1;
      };
      for_each_kept(column, batch.num_rows, Selection{}, present, [&](std::int64_t row) { add(row, k_null); });
    };
    switch (column.type) {
      case Type::boolean: each([&](std::int64_t row) { return digest_integer(column.booleans()[row]); }); break;
      case Type::integer: each([&](std::int64_t row) { return digest_integer(column.integers()[row]); }); break;
      case Type::number: each([&](std::int64_t row) { return digest_number(column.numbers()[row]); }); break;
      case Type::timestamp:
        each([&](std::int64_t row) { return digest_bits(static_cast<std::uint64_t>(column.integers()[row]), 3); });
        break;
      case Type::text: each([&](std::int64_t row) { return digest_text(column.text(row)); }); break;
    }
  }
}

bool KeyDuplicates::insert(Key key, std::int64_t row) {
  const auto is_it = [&](std::size_t index) { return entries_[index].key == key; };
  if (table_.find(key.high, is_it) != IndexTable::k_none) return false;
  table_.add(key.high, entries_.size(), [&](std::size_t index) { return entries_[index].key.high; });
  entries_.push_back({key, row});
  return true;
}

void KeyDuplicates::update(const table::Batch& batch, Selection rows) {
  digest(batch);
  for (std::int64_t row = 0; row < batch.num_rows; ++row) {
    if (static_cast<std::size_t>(row) + k_ahead < keys_.size()) table_.prefetch(keys_[static_cast<std::size_t>(row) + k_ahead].high);
    if (!rows.contains(row)) continue;
    if (present_[static_cast<std::size_t>(row)] == 0) {
      ++skipped_;
    } else if (!insert(keys_[static_cast<std::size_t>(row)], rows_passed_ + row)) {
      duplicate_rows_.append(rows_passed_ + row);
    }
  }
  rows_passed_ += batch.num_rows;
}

// A key that was first in its own part is a duplicate if an earlier part had it.
void KeyDuplicates::merge(const State& later) {
  const auto& other = same_kind<KeyDuplicates>(later);
  std::vector<std::int64_t> seen_before;
  for (std::size_t i = 0; i < other.entries_.size(); ++i) {
    if (i + k_ahead < other.entries_.size()) table_.prefetch(other.entries_[i + k_ahead].key.high);
    const Entry& entry = other.entries_[i];
    if (!insert(entry.key, entry.first_row + rows_passed_)) seen_before.push_back(entry.first_row);
  }
  if (seen_before.empty()) {
    duplicate_rows_.append_shifted(other.duplicate_rows_, rows_passed_);
  } else {
    const std::vector<std::int64_t> known = other.duplicate_rows_.rows();
    std::vector<std::int64_t> all;
    all.reserve(known.size() + seen_before.size());
    std::merge(known.begin(), known.end(), seen_before.begin(), seen_before.end(), std::back_inserter(all));
    for (const std::int64_t row : all) duplicate_rows_.append(row + rows_passed_);
  }
  skipped_ += other.skipped_;
  rows_passed_ += other.rows_passed_;
}

void KeyDuplicates::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(static_cast<std::uint64_t>(rows_passed_));
  bytes.whole(static_cast<std::uint64_t>(skipped_));
  bytes.whole(entries_.size());
  for (const Entry& entry : entries_) {
    bytes.fixed(entry.key.high);
    bytes.fixed(entry.key.low);
    bytes.whole(static_cast<std::uint64_t>(entry.first_row));
  }
  duplicate_rows_.write(bytes);
  bytes.seal(format(), out);
}

Result<void> KeyDuplicates::read(std::string_view bytes) {
  *this = KeyDuplicates(slots_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  KeyDuplicates fresh(slots_);
  fresh.rows_passed_ = in.count();
  fresh.skipped_ = in.count();
  const std::int64_t size = in.count_of(17);
  std::int64_t before = -1;
  for (std::int64_t i = 0; i < size && !in.failed(); ++i) {
    const std::uint64_t high = in.fixed();
    const std::uint64_t low = in.fixed();
    const std::int64_t row = in.count();
    in.expect(row > before && row < fresh.rows_passed_ && fresh.insert({high, low}, row));
    before = row;
  }
  fresh.duplicate_rows_ = RowList::read(in, fresh.rows_passed_);
  in.expect(fresh.keys() + fresh.skipped_ <= fresh.rows_passed_);
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
