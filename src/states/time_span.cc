#include "states/time_span.h"

#include "states/byte_form.h"
#include "states/kept_rows.h"
#include "table/table.h"
#include "table/timestamp.h"

namespace cupel::states {

std::optional<std::int64_t> instant_of(const table::Column& column, std::int64_t row) {
  if (column.type == table::Type::timestamp) return column.integers()[row];
  if (column.type == table::Type::text) return table::parse_timestamp(column.text(row));
  return std::nullopt;
}

void TimeSpan::update(const table::Batch& batch, Selection rows) {
  const table::Column& column = batch.columns[static_cast<std::size_t>(slot_)];
  const auto take = [&](std::int64_t row) {
    const std::optional<std::int64_t> micros = instant_of(column, row);
    if (!micros) {
      if (unreadable_++ == 0) first_unreadable_ = Unreadable{rows_passed_ + row, table::value_text(column, row)};
      return;
    }
    ++count_;
    if (!earliest_ || *micros < earliest_->micros) earliest_ = Instant{*micros, rows_passed_ + row};
    if (!latest_ || *micros > latest_->micros) latest_ = Instant{*micros, rows_passed_ + row};
  };
  for_each_kept(column, batch.num_rows, rows, take, [&](std::int64_t) { ++nulls_; });
  rows_passed_ += batch.num_rows;
}

void TimeSpan::merge(const State& later) {
  const auto& other = same_kind<TimeSpan>(later);
  if (!first_unreadable_ && other.first_unreadable_) first_unreadable_ = Unreadable{other.first_unreadable_->row + rows_passed_, other.first_unreadable_->value};
  if (other.earliest_ && (!earliest_ || other.earliest_->micros < earliest_->micros)) earliest_ = Instant{other.earliest_->micros, other.earliest_->row + rows_passed_};
  if (other.latest_ && (!latest_ || other.latest_->micros > latest_->micros)) latest_ = Instant{other.latest_->micros, other.latest_->row + rows_passed_};
  count_ += other.count_;
  nulls_ += other.nulls_;
  unreadable_ += other.unreadable_;
  rows_passed_ += other.rows_passed_;
}

void TimeSpan::write(std::string& out) const {
  ByteWriter bytes;
  for (const std::int64_t whole : {rows_passed_, count_, nulls_, unreadable_}) bytes.whole(static_cast<std::uint64_t>(whole));
  if (unreadable_ > 0) {
    bytes.whole(static_cast<std::uint64_t>(first_unreadable_->row));
    bytes.text(first_unreadable_->value);
  }
  if (count_ > 0) {
    for (const Instant* instant : {&*earliest_, &*latest_}) {
      bytes.whole_signed(instant->micros);
      bytes.whole(static_cast<std::uint64_t>(instant->row));
    }
  }
  bytes.seal(format(), out);
}

Result<void> TimeSpan::read(std::string_view bytes) {
  *this = TimeSpan(slot_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  TimeSpan fresh(slot_);
  for (std::int64_t* whole : {&fresh.rows_passed_, &fresh.count_, &fresh.nulls_, &fresh.unreadable_}) *whole = in.count();
  if (fresh.unreadable_ > 0) {
    const std::int64_t row = in.count();
    fresh.first_unreadable_ = Unreadable{row, std::string(in.text())};
    in.expect(row < fresh.rows_passed_);
  }
  if (fresh.count_ > 0) {
    for (std::optional<Instant>* instant : {&fresh.earliest_, &fresh.latest_}) {
      const std::int64_t micros = in.whole_signed();
      *instant = Instant{micros, in.count()};
      in.expect((*instant)->row < fresh.rows_passed_);
    }
    in.expect(fresh.earliest_->micros <= fresh.latest_->micros);
  }
  in.expect(fresh.count_ <= fresh.rows_passed_ && fresh.nulls_ <= fresh.rows_passed_ && fresh.unreadable_ <= fresh.rows_passed_ &&
            fresh.count_ + fresh.nulls_ + fresh.unreadable_ <= fresh.rows_passed_);
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
