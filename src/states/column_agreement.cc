#include "states/column_agreement.h"

#include "states/byte_form.h"

namespace cupel::states {

void ColumnAgreement::update(const table::Batch& batch, Selection rows) {
  const std::size_t k = slots_.size();
  const auto num_rows = static_cast<std::size_t>(batch.num_rows);
  digests_.resize(k);
  for (std::size_t i = 0; i < k; ++i) {
    digests_[i].resize(num_rows);
    digests::of_column(
        batch.columns[static_cast<std::size_t>(slots_[i])], batch.num_rows,
        [&](std::int64_t row, KeyDigest value) { digests_[i][static_cast<std::size_t>(row)] = value.high; }, [](std::int64_t) {});
  }
  rows_ += count_kept(rows, batch.num_rows);
  for (std::size_t a = 0; a < k; ++a) {
    for (std::size_t b = a + 1; b < k; ++b) {
      std::int64_t same = 0;
      for (std::size_t row = 0; row < num_rows; ++row) {
        same += digests_[a][row] == digests_[b][row] && rows.contains(static_cast<std::int64_t>(row)) ? 1 : 0;
      }
      same_[a * k + b] += same;
    }
  }
}

void ColumnAgreement::merge(const State& later) {
  const auto& other = same_kind<ColumnAgreement>(later);
  CHECK(other.slots_.size() == slots_.size(), "{} columns merged with {}", other.slots_.size(), slots_.size());
  for (std::size_t i = 0; i < same_.size(); ++i) same_[i] += other.same_[i];
  rows_ += other.rows_;
}

void ColumnAgreement::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(static_cast<std::uint64_t>(rows_));
  bytes.whole(slots_.size());
  for (std::size_t a = 0; a < slots_.size(); ++a) {
    for (std::size_t b = a + 1; b < slots_.size(); ++b) bytes.whole(static_cast<std::uint64_t>(same(a, b)));
  }
  bytes.seal(format(), out);
}

Result<void> ColumnAgreement::read(std::string_view bytes) {
  *this = ColumnAgreement(slots_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  ColumnAgreement fresh(slots_);
  fresh.rows_ = in.count();
  in.expect(in.whole() == slots_.size());
  for (std::size_t a = 0; a < slots_.size(); ++a) {
    for (std::size_t b = a + 1; b < slots_.size(); ++b) {
      std::int64_t& same = fresh.same_[a * slots_.size() + b];
      same = in.count();
      in.expect(same <= fresh.rows_);
    }
  }
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
