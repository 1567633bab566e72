#include "states/row_values.h"

#include <cmath>

#include "states/kept_rows.h"
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
    values_.push_back(value);
    rows_.append(rows_passed_ + row);
  };
  // Text has no number: the subject reports it by the type of the field.
  const bool readable = read_ == Read::instants || column.type != table::Type::text;
  if (readable) for_each_kept(column, batch.num_rows, rows, take, [&](std::int64_t) { ++nulls_; });
  rows_passed_ += batch.num_rows;
}

void RowValues::merge(const State& later) {
  const auto& other = same_kind<RowValues>(later);
  values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  rows_.append_shifted(other.rows_, rows_passed_);
  nulls_ += other.nulls_;
  nans_ += other.nans_;
  unreadable_ += other.unreadable_;
  rows_passed_ += other.rows_passed_;
}

void RowValues::write(std::string& out) const {
  ByteWriter bytes;
  for (const std::int64_t whole : {rows_passed_, nulls_, nans_, unreadable_, count()}) bytes.whole(static_cast<std::uint64_t>(whole));
  for (const double value : values_) bytes.number(value);
  rows_.write(bytes);
  bytes.seal(format(), out);
}

Result<void> RowValues::read(std::string_view bytes) {
  *this = RowValues(slot_, read_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  RowValues fresh(slot_, read_);
  for (std::int64_t* whole : {&fresh.rows_passed_, &fresh.nulls_, &fresh.nans_, &fresh.unreadable_}) *whole = in.count();
  const std::int64_t size = in.count_of(8);
  for (std::int64_t i = 0; i < size && !in.failed(); ++i) {
    fresh.values_.push_back(in.number());
    in.expect(!std::isnan(fresh.values_.back()));
  }
  fresh.rows_ = RowList::read(in, fresh.rows_passed_);
  in.expect(fresh.rows_.size() == size && fresh.nulls_ <= fresh.rows_passed_ && fresh.nans_ <= fresh.rows_passed_ &&
            fresh.unreadable_ <= fresh.rows_passed_ && size + fresh.nulls_ + fresh.nans_ + fresh.unreadable_ <= fresh.rows_passed_);
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
