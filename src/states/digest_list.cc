#include "states/digest_list.h"

#include "states/kept_rows.h"

namespace cupel::states {

void DigestList::update(const table::Batch& batch, Selection rows) {
  batch_.compute(batch, slots_);
  for (std::int64_t row = 0; row < batch.num_rows; ++row) {
    if (!rows.contains(row)) continue;
    digests_.push_back(batch_.keys[static_cast<std::size_t>(row)]);
    rows_.append(rows_passed_ + row);
  }
  rows_passed_ += batch.num_rows;
}

void DigestList::merge(const State& later) {
  const auto& other = same_kind<DigestList>(later);
  digests_.insert(digests_.end(), other.digests_.begin(), other.digests_.end());
  rows_.append_shifted(other.rows_, rows_passed_);
  rows_passed_ += other.rows_passed_;
}

void DigestList::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(static_cast<std::uint64_t>(rows_passed_));
  rows_.write(bytes);
  for (const KeyDigest& digest : digests_) {
    bytes.fixed(digest.high);
    bytes.fixed(digest.low);
  }
  bytes.seal(format(), out);
}

Result<void> DigestList::read(std::string_view bytes) {
  *this = DigestList(slots_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  DigestList fresh(slots_);
  fresh.rows_passed_ = in.count();
  fresh.rows_ = RowList::read(in, fresh.rows_passed_);
  for (std::int64_t i = 0; i < fresh.rows_.size() && !in.failed(); ++i) {
    const std::uint64_t high = in.fixed();
    fresh.digests_.push_back({high, in.fixed()});
  }
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
