#include "states/row_digest.h"

#include "states/byte_form.h"

namespace cupel::states {

void RowDigest::add(Digest hash) {
  sum_.low += hash.low;
  sum_.high += hash.high + (sum_.low < hash.low ? 1 : 0);
}

void RowDigest::update(const table::Batch& batch, Selection rows) {
  batch_.compute(batch, slots_);
  for (std::int64_t row = 0; row < batch.num_rows; ++row) {
    if (!rows.contains(row)) continue;
    const KeyDigest& key = batch_.keys[static_cast<std::size_t>(row)];
    add({key.high, key.low});
    ++rows_;
  }
}

void RowDigest::merge(const State& later) {
  const auto& other = same_kind<RowDigest>(later);
  add(other.sum_);
  rows_ += other.rows_;
}

void RowDigest::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(static_cast<std::uint64_t>(rows_));
  bytes.fixed(sum_.high);
  bytes.fixed(sum_.low);
  bytes.seal(format(), out);
}

Result<void> RowDigest::read(std::string_view bytes) {
  rows_ = 0;
  sum_ = {};
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  const std::int64_t rows = in.count();
  Digest sum;
  sum.high = in.fixed();
  sum.low = in.fixed();
  in.expect(rows > 0 || sum == Digest{});
  TRY(in.finish());
  rows_ = rows;
  sum_ = sum;
  return {};
}

}  // namespace cupel::states
