#include "states/row_values.h"

#include <cmath>

#include "states/byte_form.h"
#include "states/kept_rows.h"
#include "states/row_list.h"
#include "states/time_span.h"

namespace cupel::states {

void RowValues::update(const table::Batch& batch, Selection rows) {
  const table::Column& column = batch.columns[static_cast<std::size_t>(slot_)];
  const auto take = [&](std::int64_t row) {
    double value = 0;
    if (read_ == Read::instants) {
      const std::optional<std::int64_t> instant = instant_of(column, row);
      if (!instant) {
        ++unreadable_;
        return;
      }
      value = static_cast<double>(*instant);
    } else {
      value = column.as_number(row);
    }
    if (std::isnan(value)) {
      ++nans_;
      return;
    }
    records_.add({value, rows_passed_ + row});
  };
  // Text has no number: the subject reports it by the type of the field.
  const bool readable = read_ == Read::instants || column.type != table::Type::text;
  if (readable) for_each_kept(column, batch.num_rows, rows, take, [&](std::int64_t) { ++nulls_; });
  rows_passed_ += batch.num_rows;
}

void RowValues::merge(const State& later) {
  const auto& other = same_kind<RowValues>(later);
  records_.add_all(other.records_, [&](const Record& record) { return Record{record.value, record.row + rows_passed_}; });
  nulls_ += other.nulls_;
  nans_ += other.nans_;
  unreadable_ += other.unreadable_;
  rows_passed_ += other.rows_passed_;
}

// In row order.
void RowValues::write(std::string& out) const {
  ByteWriter bytes;
  for (const std::int64_t whole : {rows_passed_, nulls_, nans_, unreadable_, count()}) bytes.whole(static_cast<std::uint64_t>(whole));
  RowList rows;
  for (const Record& record : records_.sorted_by([](const Record& a, const Record& b) { return a.row < b.row; })) {
    bytes.number(record.value);
    rows.append(record.row);
  }
  rows.write(bytes);
  bytes.seal(format(), out);
}

Result<void> RowValues::read(std::string_view bytes) {
  *this = emptied();
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  RowValues fresh = emptied();
  for (std::int64_t* whole : {&fresh.rows_passed_, &fresh.nulls_, &fresh.nans_, &fresh.unreadable_}) *whole = in.count();
  std::vector<double> values(static_cast<std::size_t>(in.count_of(8)));
  const auto size = static_cast<std::int64_t>(values.size());
  for (double& value : values) {
    value = in.number();
    in.expect(!std::isnan(value));
  }
  const RowList rows = RowList::read(in, fresh.rows_passed_);
  in.expect(rows.size() == size && fresh.nulls_ <= fresh.rows_passed_ && fresh.nans_ <= fresh.rows_passed_ &&
            fresh.unreadable_ <= fresh.rows_passed_ && size + fresh.nulls_ + fresh.nans_ + fresh.unreadable_ <= fresh.rows_passed_);
  TRY(in.finish());
  std::size_t at = 0;
  rows.for_each([&](std::int64_t row) { fresh.records_.add({values[at++], row}); });
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
