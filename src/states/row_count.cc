#include "states/row_count.h"

#include "base/invariant.h"
#include "states/byte_form.h"
#include "states/kept_rows.h"

namespace cupel::states {

void RowCount::update(const table::Batch& batch, Selection rows) { rows_ += count_kept(rows, batch.num_rows); }

void RowCount::merge(const State& later) { rows_ += same_kind<RowCount>(later).rows_; }

void RowCount::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(static_cast<std::uint64_t>(rows_));
  bytes.seal(format(), out);
}

Result<void> RowCount::read(std::string_view bytes) {
  *this = RowCount();
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  const std::int64_t rows = in.count();
  TRY(in.finish());
  rows_ = rows;
  return {};
}

}  // namespace cupel::states
