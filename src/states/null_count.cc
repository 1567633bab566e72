#include "states/null_count.h"

#include "states/kept_rows.h"

namespace cupel::states {

void NullCount::update(const table::Batch& batch, Selection rows) {
  const table::Column& column = batch.columns[static_cast<std::size_t>(slot_)];
  rows_ += count_kept(rows, batch.num_rows);
  for_each_null(column, batch.num_rows, rows, [&](std::int64_t row) { null_rows_.append(rows_passed_ + row); });
  rows_passed_ += batch.num_rows;
}

void NullCount::merge(const State& later) {
  const auto& other = same_kind<NullCount>(later);
  null_rows_.append_shifted(other.null_rows_, rows_passed_);
  rows_ += other.rows_;
  rows_passed_ += other.rows_passed_;
}

void NullCount::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(static_cast<std::uint64_t>(rows_passed_));
  bytes.whole(static_cast<std::uint64_t>(rows_));
  null_rows_.write(bytes);
  bytes.seal(format(), out);
}

Result<void> NullCount::read(std::string_view bytes) {
  *this = NullCount(slot_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  NullCount fresh(slot_);
  fresh.rows_passed_ = in.count();
  fresh.rows_ = in.count();
  fresh.null_rows_ = RowList::read(in, fresh.rows_passed_);
  in.expect(fresh.rows_ <= fresh.rows_passed_ && fresh.nulls() <= fresh.rows_);
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
