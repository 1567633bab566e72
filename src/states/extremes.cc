#include "states/extremes.h"

#include <cmath>
#include <type_traits>

#include "states/kept_rows.h"

namespace cupel::states {

using table::Type;

void Extremes::offer(const table::Column& column, std::int64_t least_row, std::int64_t greatest_row) {
  Scalar least = Scalar::of(column, least_row);
  if (!min_ || least.compare(min_->value) < 0) min_ = Extreme{std::move(least), rows_passed_ + least_row};
  Scalar greatest = Scalar::of(column, greatest_row);
  if (!max_ || greatest.compare(max_->value) > 0) max_ = Extreme{std::move(greatest), rows_passed_ + greatest_row};
}

template <typename Value>
void Extremes::scan(const table::Column& column, std::int64_t num_rows, Selection rows, Value value_of) {
  std::int64_t least_row = -1;
  std::int64_t greatest_row = -1;
  decltype(value_of(0)) least{};
  decltype(value_of(0)) greatest{};
  const auto take = [&](std::int64_t row) {
    const auto value = value_of(row);
    if constexpr (std::is_floating_point_v<decltype(least)>) {
      if (std::isnan(value)) {
        ++nans_;
        return;
      }
    }
    ++count_;
    if (least_row < 0 || value < least) {
      least = value;
      least_row = row;
    }
    if (greatest_row < 0 || value > greatest) {
      greatest = value;
      greatest_row = row;
    }
  };
  for_each_kept(column, num_rows, rows, take, [&](std::int64_t) { ++nulls_; });
  if (least_row >= 0) offer(column, least_row, greatest_row);
}

void Extremes::update(const table::Batch& batch, Selection rows) {
  const table::Column& column = batch.columns[static_cast<std::size_t>(slot_)];
  const std::int64_t n = batch.num_rows;
  switch (column.type) {
    case Type::boolean: scan(column, n, rows, [&](std::int64_t row) { return column.booleans()[row]; }); break;
    case Type::integer:
    case Type::timestamp: scan(column, n, rows, [&](std::int64_t row) { return column.integers()[row]; }); break;
    case Type::number: scan(column, n, rows, [&](std::int64_t row) { return column.numbers()[row]; }); break;
    case Type::text: scan(column, n, rows, [&](std::int64_t row) { return column.text(row); }); break;
  }
  rows_passed_ += n;
}

void Extremes::merge(const State& later) {
  const auto& other = same_kind<Extremes>(later);
  const auto shifted = [&](const Extreme& extreme) { return Extreme{extreme.value, extreme.row + rows_passed_}; };
  if (other.min_ && (!min_ || other.min_->value.compare(min_->value) < 0)) min_ = shifted(*other.min_);
  if (other.max_ && (!max_ || other.max_->value.compare(max_->value) > 0)) max_ = shifted(*other.max_);
  count_ += other.count_;
  nulls_ += other.nulls_;
  nans_ += other.nans_;
  rows_passed_ += other.rows_passed_;
}

void Extremes::write(std::string& out) const {
  ByteWriter bytes;
  for (const std::int64_t whole : {rows_passed_, count_, nulls_, nans_}) bytes.whole(static_cast<std::uint64_t>(whole));
  if (count_ > 0) {
    for (const Extreme* extreme : {&*min_, &*max_}) {
      extreme->value.write(bytes);
      bytes.whole(static_cast<std::uint64_t>(extreme->row));
    }
  }
  bytes.seal(format(), out);
}

Result<void> Extremes::read(std::string_view bytes) {
  *this = Extremes(slot_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  Extremes fresh(slot_);
  for (std::int64_t* whole : {&fresh.rows_passed_, &fresh.count_, &fresh.nulls_, &fresh.nans_}) *whole = in.count();
  if (fresh.count_ > 0) {
    for (std::optional<Extreme>* extreme : {&fresh.min_, &fresh.max_}) {
      *extreme = Extreme{Scalar::read(in), 0};
      (*extreme)->row = in.count();
      in.expect((*extreme)->row < fresh.rows_passed_);
    }
    in.expect(fresh.min_->value.compare(fresh.max_->value) <= 0 || fresh.min_->value.type != fresh.max_->value.type);
  }
  in.expect(fresh.count_ <= fresh.rows_passed_ && fresh.count_ + fresh.nulls_ + fresh.nans_ <= fresh.rows_passed_);
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
