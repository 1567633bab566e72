#include "states/key_duplicates.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/invariant.h"
#include "states/kept_rows.h"
#include "states/unordered_rows.h"

namespace cupel::states {
namespace {

constexpr std::size_t k_ahead = 12;  // look-ups prefetched
constexpr std::int64_t k_key_bytes = 48;

}  // namespace

bool KeyDuplicates::contains(const KeyDigest& key) const {
  CHECK(is_in_memory(), "a look-up among keys that are not in memory");
  return table_.find(key.high, [&](std::size_t index) { return entries_[index].key == key; }) != IndexTable::k_none;
}

bool KeyDuplicates::insert(Key key, std::int64_t row) {
  const auto is_it = [&](std::size_t index) { return entries_[index].key == key; };
  if (table_.find(key.high, is_it) != IndexTable::k_none) return false;
  table_.add(key.high, entries_.size(), [&](std::size_t index) { return entries_[index].key.high; });
  entries_.push_back({key, row});
  return true;
}

void KeyDuplicates::spill() {
  for (const Entry& entry : entries_) spilled_.add(entry);
  entries_ = {};
  table_.clear();
  share_.hold(0);
}

void KeyDuplicates::settle() {
  if (!share_.hold(memory_bytes()) || static_cast<std::int64_t>(entries_.size()) > limit_bytes_ / k_key_bytes) spill();
}

void KeyDuplicates::put_away() {
  if (share_.held() > 0) spill();
  spilled_.put_away();
}

void KeyDuplicates::update(const table::Batch& batch, Selection rows) {
  digests_.compute(batch, slots_);
  const std::vector<Key>& keys = digests_.keys;
  for (std::int64_t row = 0; row < batch.num_rows; ++row) {
    if (static_cast<std::size_t>(row) + k_ahead < keys.size()) table_.prefetch(keys[static_cast<std::size_t>(row) + k_ahead].high);
    if (!rows.contains(row)) continue;
    if (digests_.present[static_cast<std::size_t>(row)] == 0) {
      ++skipped_;
      continue;
    }
    const Key& key = keys[static_cast<std::size_t>(row)];
    ++keys_;
    if (!insert(key, rows_passed_ + row)) duplicate_rows_.append(rows_passed_ + row);
  }
  rows_passed_ += batch.num_rows;
  settle();
}

// A key that was first in its own part is a duplicate if an earlier part had it.
void KeyDuplicates::merge(const State& later) {
  const auto& other = same_kind<KeyDuplicates>(later);
  spilled_.add_all(other.spilled_, [&](Entry entry) {
    entry.first_row += rows_passed_;
    return entry;
  });
  merge_keys(other);
  keys_ += other.keys_;
  skipped_ += other.skipped_;
  rows_passed_ += other.rows_passed_;
  settle();
}

void KeyDuplicates::merge_keys(const KeyDuplicates& other) {
  std::vector<std::int64_t> seen_before;
  for (std::size_t i = 0; i < other.entries_.size(); ++i) {
    if (i + k_ahead < other.entries_.size()) table_.prefetch(other.entries_[i + k_ahead].key.high);
    const Entry& entry = other.entries_[i];
    if (!insert(entry.key, entry.first_row + rows_passed_)) seen_before.push_back(entry.first_row);
  }
  if (seen_before.empty()) {
    duplicate_rows_.append_shifted(other.duplicate_rows_, rows_passed_);
    return;
  }
  const std::vector<std::int64_t> known = other.duplicate_rows_.rows();
  std::vector<std::int64_t> all;
  all.reserve(known.size() + seen_before.size());
  std::merge(known.begin(), known.end(), seen_before.begin(), seen_before.end(), std::back_inserter(all));
  for (const std::int64_t row : all) duplicate_rows_.append(row + rows_passed_);
}

SortedRuns<KeyDuplicates::Entry> KeyDuplicates::by_key() const {
  SortedRuns<Entry> all = spilled_;
  for (const Entry& entry : entries_) all.add(entry);
  return all;
}

namespace {

/// Calls `first(entry)` for the first row of every key, `later(entry)` for the others.
template <typename First, typename Later>
void for_each_entry(const SortedRuns<KeyDuplicates::Entry>& entries, First&& first, Later&& later) {
  std::optional<KeyDigest> before;
  entries.for_each([&](const KeyDuplicates::Entry& entry) {
    if (before == entry.key) return later(entry);
    before = entry.key;
    first(entry);
  });
}

}  // namespace

std::int64_t KeyDuplicates::duplicates() const {
  if (is_in_memory()) return duplicate_rows_.size();
  std::int64_t later = 0;
  for_each_entry(by_key(), [](const Entry&) {}, [&](const Entry&) { ++later; });
  return duplicate_rows_.size() + later;
}

Result<RowList> KeyDuplicates::duplicate_rows() const {
  if (is_in_memory()) return duplicate_rows_;
  UnorderedRows later;
  for_each_entry(by_key(), [](const Entry&) {}, [&](const Entry& entry) { later.add(entry.first_row); });
  if (auto problem = spilled_.problem()) return tl::unexpected(std::move(*problem));
  ASSIGN_OR_RETURN(const RowList rows, later.list());
  return RowList::united(duplicate_rows_, rows);
}

void KeyDuplicates::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(static_cast<std::uint64_t>(rows_passed_));
  bytes.whole(static_cast<std::uint64_t>(skipped_));
  std::vector<Entry> firsts;
  if (is_in_memory()) {
    firsts = entries_;
  } else {
    for_each_entry(by_key(), [&](const Entry& entry) { firsts.push_back(entry); }, [](const Entry&) {});
    std::sort(firsts.begin(), firsts.end(), [](const Entry& a, const Entry& b) { return a.first_row < b.first_row; });
  }
  bytes.whole(firsts.size());
  for (const Entry& entry : firsts) {
    bytes.fixed(entry.key.high);
    bytes.fixed(entry.key.low);
    bytes.whole(static_cast<std::uint64_t>(entry.first_row));
  }
  duplicate_rows().value_or(RowList()).write(bytes);  // a full disk is the scan's to tell, by problem()
  bytes.seal(format(), out);
}

Result<void> KeyDuplicates::read(std::string_view bytes) {
  *this = emptied();
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  KeyDuplicates fresh = emptied();
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
  // A row is the first of its key or a duplicate: merge relies on that.
  fresh.duplicate_rows_.for_each([&, entry = fresh.entries_.begin()](std::int64_t row) mutable {
    while (entry != fresh.entries_.end() && entry->first_row < row) ++entry;
    in.expect(entry == fresh.entries_.end() || entry->first_row != row);
  });
  fresh.keys_ = size + fresh.duplicate_rows_.size();
  in.expect(fresh.keys_ + fresh.skipped_ <= fresh.rows_passed_);
  TRY(in.finish());
  fresh.settle();
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
