#include "states/null_masks.h"

#include <algorithm>

#include "states/byte_form.h"
#include "states/kept_rows.h"

namespace cupel::states {

void NullMasks::add(const Mask& mask, std::int64_t count) {
  if (overflowed_) return;
  masks_[mask] += count;
  if (masks_.size() > k_most_masks) {
    masks_.clear();
    overflowed_ = true;
  }
}

void NullMasks::update(const table::Batch& batch, Selection rows) {
  const auto num_rows = static_cast<std::size_t>(batch.num_rows);
  const std::size_t words = num_words();
  const std::int64_t kept = count_kept(rows, batch.num_rows);
  rows_ += kept;
  words_.assign(words * num_rows, 0);
  bool any = false;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const table::Column& column = batch.columns[static_cast<std::size_t>(slots_[i])];
    for_each_null(column, batch.num_rows, rows, [&](std::int64_t row) {
      words_[static_cast<std::size_t>(row) * words + i / 64] |= std::uint64_t{1} << (i % 64);
      any = true;
    });
  }
  if (!any) {
    complete_ += kept;
    return;
  }
  // Runs of one mask are long: the map is asked once a run. Rows that are not kept have no bits and are not counted as complete.
  std::int64_t incomplete = 0;
  Mask mask(words, 0);
  std::int64_t run = 0;
  const auto end_run = [&] {
    if (run > 0 && std::any_of(mask.begin(), mask.end(), [](std::uint64_t word) { return word != 0; })) {
      add(mask, run);
      incomplete += run;
    }
  };
  for (std::size_t row = 0; row < num_rows; ++row) {
    const std::uint64_t* now = &words_[row * words];
    if (!std::equal(mask.begin(), mask.end(), now)) {
      end_run();
      mask.assign(now, now + words);
      run = 0;
    }
    ++run;
  }
  end_run();
  complete_ += kept - incomplete;
}

void NullMasks::merge(const State& later) {
  const auto& other = same_kind<NullMasks>(later);
  rows_ += other.rows_;
  complete_ += other.complete_;
  if (other.overflowed_) {
    overflowed_ = true;
    masks_.clear();
  }
  for (const auto& [mask, count] : other.masks_) add(mask, count);
}

std::vector<NullMasks::Entry> NullMasks::by_count() const {
  std::vector<Entry> all;
  for (const auto& [mask, count] : masks_) {
    Entry& entry = all.emplace_back();
    entry.count = count;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if ((mask[i / 64] >> (i % 64) & 1) != 0) entry.columns.push_back(static_cast<int>(i));
    }
  }
  std::sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) { return a.count > b.count || (a.count == b.count && a.columns < b.columns); });
  return all;
}

std::int64_t NullMasks::both_null(int a, int b) const {
  std::int64_t count = 0;
  const auto has = [](const Mask& mask, int i) { return (mask[static_cast<std::size_t>(i) / 64] >> (i % 64) & 1) != 0; };
  for (const auto& [mask, rows] : masks_) count += has(mask, a) && has(mask, b) ? rows : 0;
  return count;
}

void NullMasks::write(std::string& out) const {
  ByteWriter bytes;
  for (const std::int64_t whole : {rows_, complete_}) bytes.whole(static_cast<std::uint64_t>(whole));
  bytes.whole(slots_.size());
  bytes.whole(overflowed_ ? 1 : 0);
  bytes.whole(masks_.size());
  for (const auto& [mask, count] : masks_) {
    for (const std::uint64_t word : mask) bytes.whole(word);
    bytes.whole(static_cast<std::uint64_t>(count));
  }
  bytes.seal(format(), out);
}

Result<void> NullMasks::read(std::string_view bytes) {
  *this = NullMasks(slots_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  NullMasks fresh(slots_);
  fresh.rows_ = in.count();
  fresh.complete_ = in.count();
  in.expect(in.whole() == slots_.size());
  const std::uint64_t overflowed = in.whole();
  in.expect(overflowed <= 1);
  fresh.overflowed_ = overflowed == 1;
  const std::int64_t size = in.count_of(2);
  in.expect(size <= static_cast<std::int64_t>(k_most_masks) && (!fresh.overflowed_ || size == 0));
  std::int64_t incomplete = 0;
  for (std::int64_t i = 0; i < size && !in.failed(); ++i) {
    Mask mask(num_words());
    std::uint64_t any = 0;
    for (std::uint64_t& word : mask) any |= word = in.whole();
    const std::size_t used = slots_.size() % 64;
    in.expect(any != 0 && (used == 0 || mask.back() >> used == 0));
    const std::int64_t count = in.count();
    in.expect(count > 0 && incomplete <= fresh.rows_ - count);
    in.expect(fresh.masks_.empty() || fresh.masks_.rbegin()->first < mask);
    if (in.failed()) break;
    incomplete += count;
    fresh.masks_.emplace(std::move(mask), count);
  }
  in.expect(fresh.overflowed_ ? fresh.complete_ <= fresh.rows_ : fresh.complete_ + incomplete == fresh.rows_);
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
