#include "states/digest_list.h"

#include "states/byte_form.h"
#include "states/kept_rows.h"
#include "states/row_list.h"

namespace cupel::states {

void DigestList::update(const table::Batch& batch, Selection rows) {
  batch_.compute(batch, slots_);
  for (std::int64_t row = 0; row < batch.num_rows; ++row) {
    if (rows.contains(row)) records_.add(Record(by_, batch_.keys[static_cast<std::size_t>(row)], rows_passed_ + row));
  }
  rows_passed_ += batch.num_rows;
}

void DigestList::merge(const State& later) {
  const auto& other = same_kind<DigestList>(later);
  records_.add_all(other.records_, [&](const Record& record) { return Record(by_, record.digest(other.by_), record.row(other.by_) + rows_passed_); });
  rows_passed_ += other.rows_passed_;
}

// In row order, whatever the order of the records.
void DigestList::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(static_cast<std::uint64_t>(rows_passed_));
  const std::vector<Record> records = records_.sorted_by([this](const Record& a, const Record& b) { return a.row(by_) < b.row(by_); });
  RowList rows;
  for (const Record& record : records) rows.append(record.row(by_));
  rows.write(bytes);
  for (const Record& record : records) {
    bytes.fixed(record.digest(by_).high);
    bytes.fixed(record.digest(by_).low);
  }
  bytes.seal(format(), out);
}

Result<void> DigestList::read(std::string_view bytes) {
  *this = emptied();
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  DigestList fresh = emptied();
  fresh.rows_passed_ = in.count();
  const RowList rows = RowList::read(in, fresh.rows_passed_);
  rows.for_each([&](std::int64_t row) {
    if (in.failed()) return;
    const std::uint64_t high = in.fixed();
    fresh.records_.add(Record(by_, {high, in.fixed()}, row));
  });
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
