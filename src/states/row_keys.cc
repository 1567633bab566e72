#include "states/row_keys.h"

#include "states/byte_form.h"
#include "states/row_list.h"

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
    records_.add({key_digests_.keys[at].high, has_values() ? value_digests_.keys[at].high : 0, rows_passed_ + row});
  }
  rows_passed_ += batch.num_rows;
}

void RowKeys::merge(const State& later) {
  const auto& other = same_kind<RowKeys>(later);
  records_.add_all(other.records_, [&](const Record& record) { return Record{record.key, record.value, record.row + rows_passed_}; });
  skipped_ += other.skipped_;
  rows_passed_ += other.rows_passed_;
}

// In row order.
void RowKeys::write(std::string& out) const {
  ByteWriter bytes;
  for (const std::int64_t whole : {rows_passed_, skipped_, count()}) bytes.whole(static_cast<std::uint64_t>(whole));
  const std::vector<Record> records = records_.sorted_by([](const Record& a, const Record& b) { return a.row < b.row; });
  RowList rows;
  for (const Record& record : records) bytes.fixed(record.key);
  for (const Record& record : records) {
    if (has_values()) bytes.fixed(record.value);
    rows.append(record.row);
  }
  rows.write(bytes);
  bytes.seal(format(), out);
}

Result<void> RowKeys::read(std::string_view bytes) {
  *this = emptied();
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  RowKeys fresh = emptied();
  fresh.rows_passed_ = in.count();
  fresh.skipped_ = in.count();
  std::vector<Record> records(static_cast<std::size_t>(in.count_of(has_values() ? 16 : 8)));
  for (Record& record : records) record.key = in.fixed();
  for (Record& record : records) record.value = has_values() ? in.fixed() : 0;
  const RowList rows = RowList::read(in, fresh.rows_passed_);
  const auto size = static_cast<std::int64_t>(records.size());
  in.expect(rows.size() == size && size <= fresh.rows_passed_ && fresh.skipped_ <= fresh.rows_passed_ - size);
  TRY(in.finish());
  std::size_t at = 0;
  rows.for_each([&](std::int64_t row) {
    records[at].row = row;
    fresh.records_.add(records[at++]);
  });
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
