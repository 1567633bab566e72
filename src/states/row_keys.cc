#include "states/row_keys.h"

namespace cupel::states {

void RowKeys::update(const table::Batch& batch, Selection rows) {
  const std::span<const int> slots = slots_;
  key_digests_.compute(batch, slots.first(num_key_));
  if (has_values()) value_digests_.compute(batch, slots.subspan(num_key_));
  for (std::int64_t row = 0; row < batch.num_rows; ++row) {
    if (!rows.contains(row)) continue;
    const auto at = static_cast<std::size_t>(row);
    const bool with_values = !has_values() || static_cast<std::size_t>(value_digests_.present[at]) == slots_.size() - num_key_;
    if (key_digests_.present[at] == 0 || !with_values) {
      ++skipped_;
      continue;
    }
    keys_.push_back(key_digests_.keys[at].high);
    if (has_values()) values_.push_back(value_digests_.keys[at].high);
    rows_.append(rows_passed_ + row);
  }
  rows_passed_ += batch.num_rows;
}

void RowKeys::merge(const State& later) {
  const auto& other = same_kind<RowKeys>(later);
  keys_.insert(keys_.end(), other.keys_.begin(), other.keys_.end());
  values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  rows_.append_shifted(other.rows_, rows_passed_);
  skipped_ += other.skipped_;
  rows_passed_ += other.rows_passed_;
}

void RowKeys::write(std::string& out) const {
  ByteWriter bytes;
  for (const std::int64_t whole : {rows_passed_, skipped_, count()}) bytes.whole(static_cast<std::uint64_t>(whole));
  for (const std::uint64_t key : keys_) bytes.fixed(key);
  for (const std::uint64_t value : values_) bytes.fixed(value);
  rows_.write(bytes);
  bytes.seal(format(), out);
}

Result<void> RowKeys::read(std::string_view bytes) {
  *this = RowKeys(slots_, num_key_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  RowKeys fresh(slots_, num_key_);
  fresh.rows_passed_ = in.count();
  fresh.skipped_ = in.count();
  const std::int64_t size = in.count_of(has_values() ? 16 : 8);
  for (std::int64_t i = 0; i < size && !in.failed(); ++i) fresh.keys_.push_back(in.fixed());
  for (std::int64_t i = 0; i < size && has_values() && !in.failed(); ++i) fresh.values_.push_back(in.fixed());
  fresh.rows_ = RowList::read(in, fresh.rows_passed_);
  in.expect(fresh.rows_.size() == size && size <= fresh.rows_passed_ && fresh.skipped_ <= fresh.rows_passed_ - size);
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
