#include "states/text_rows.h"

#include "base/hash.h"
#include "states/kept_rows.h"

namespace cupel::states {

std::size_t TextRows::entry_of(std::string_view value) {
  const std::uint64_t hash = fast_hash(value);
  const std::size_t found = index_.find(hash, [&](std::size_t i) { return entries_[i].hash == hash && text(i) == value; });
  if (found != IndexTable::k_none) return found;
  const std::size_t i = entries_.size();
  index_.add(hash, i, [&](std::size_t other) { return entries_[other].hash; });
  entries_.push_back({hash, bytes_.size(), value.size()});
  bytes_ += value;
  return i;
}

// What cannot go to a file is at most the budget; and there is room for the next doubling.
void TextRows::keep_within_budget() {
  share_.hold(static_cast<std::int64_t>(bytes_.capacity() + entries_.capacity() * sizeof(Entry)) + index_.memory_bytes() + present_);
  if (!MemoryBudget::of_process().has_room_for(0)) give_up();
}

void TextRows::give_up() {
  given_up_ = true;
  bytes_ = {};
  entries_ = {};
  index_.clear();
  share_.hold(0);
}

void TextRows::update(const table::Batch& batch, Selection rows) {
  const table::Column& column = batch.columns[static_cast<std::size_t>(slot_)];
  CHECK(column.type == table::Type::text, "text_rows of a column of {}", table::type_name(column.type));
  for_each_kept(
      column, batch.num_rows, rows,
      [&](std::int64_t row) {
        ++present_;
        if (!given_up_) entries_[entry_of(column.text(row))].rows.append(rows_passed_ + row);
      },
      [&](std::int64_t) { ++nulls_; });
  rows_passed_ += batch.num_rows;
  if (!given_up_) keep_within_budget();
}

void TextRows::merge(const State& later) {
  const auto& other = same_kind<TextRows>(later);
  if (other.given_up_) give_up();
  for (std::size_t i = 0; i < other.size() && !given_up_; ++i) entries_[entry_of(other.text(i))].rows.append_shifted(other.rows(i), rows_passed_);
  present_ += other.present_;
  nulls_ += other.nulls_;
  rows_passed_ += other.rows_passed_;
  if (!given_up_) keep_within_budget();
}

void TextRows::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(static_cast<std::uint64_t>(rows_passed_));
  bytes.whole(static_cast<std::uint64_t>(nulls_));
  bytes.whole(entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    bytes.text(text(i));
    entries_[i].rows.write(bytes);
  }
  bytes.seal(format(), out);
}

Result<void> TextRows::read(std::string_view bytes) {
  *this = TextRows(slot_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  TextRows fresh(slot_);
  fresh.rows_passed_ = in.count();
  fresh.nulls_ = in.count();
  const std::int64_t size = in.count_of(3);
  std::int64_t first_before = -1;
  for (std::int64_t i = 0; i < size && !in.failed(); ++i) {
    const std::size_t entry = fresh.entry_of(in.text());
    RowList rows = RowList::read(in, fresh.rows_passed_);
    // Texts are told apart, each has rows, and they stand in order of the first.
    const std::int64_t first = rows.empty() ? -1 : rows.rows(1)[0];
    in.expect(entry == static_cast<std::size_t>(i) && first > first_before);
    first_before = first;
    if (in.failed()) break;
    fresh.present_ += rows.size();
    fresh.entries_[entry].rows = std::move(rows);
  }
  in.expect(fresh.present_ + fresh.nulls_ <= fresh.rows_passed_);
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
