#include "states/order_check.h"

#include <cmath>
#include <type_traits>

#include "states/kept_rows.h"

namespace cupel::states {
namespace {

using table::Type;

template <typename Value>
bool breaks_order(Order order, const Value& before, const Value& after) {
  switch (order) {
    case Order::increasing: return after < before;
    case Order::strictly_increasing: return !(before < after);
    case Order::decreasing: return before < after;
    case Order::strictly_decreasing: return !(after < before);
  }
  return true;
}

}  // namespace

bool OrderCheck::breaks(const Scalar& before, const Scalar& after) const {
  const std::partial_ordering step = after.compare(before);
  if (step == std::partial_ordering::unordered) return true;
  return breaks_order(order_, 0, step < 0 ? -1 : step > 0 ? 1 : 0);
}

void OrderCheck::record(std::int64_t row, std::string value) {
  unexpected_rows_.append(row);
  if (static_cast<std::int64_t>(examples_.size()) < RowCheck::k_examples) examples_.push_back({row, std::move(value)});
}

template <typename Value>
void OrderCheck::scan(const table::Column& column, std::int64_t num_rows, Selection rows, Value value_of) {
  std::int64_t before_row = -1;
  decltype(value_of(0)) before{};
  const auto take = [&](std::int64_t row) {
    ++tested_;
    const auto value = value_of(row);
    if constexpr (std::is_floating_point_v<decltype(before)>) {
      if (std::isnan(value)) return record(rows_passed_ + row, Scalar::of(column, row).value_text());
    }
    const bool wrong = before_row >= 0 ? breaks_order(order_, before, value) : last_ && breaks(last_->value, Scalar::of(column, row));
    if (wrong) record(rows_passed_ + row, Scalar::of(column, row).value_text());
    if (!first_) first_ = Seen{Scalar::of(column, row), rows_passed_ + row};
    before = value;
    before_row = row;
  };
  for_each_kept(column, num_rows, rows, take, [&](std::int64_t) { ++skipped_; });
  if (before_row >= 0) last_ = Seen{Scalar::of(column, before_row), rows_passed_ + before_row};
}

void OrderCheck::update(const table::Batch& batch, Selection rows) {
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

// The seam: later's first value had nothing to be compared with. Only NaN rows can stand before it in later's list.
void OrderCheck::merge(const State& later) {
  const auto& other = same_kind<OrderCheck>(later);
  bool seam = last_ && other.first_ && breaks(last_->value, other.first_->value);
  std::size_t example = 0;
  const auto close_seam = [&] {
    if (seam) record(other.first_->row + rows_passed_, other.first_->value.value_text());
    seam = false;
  };
  other.unexpected_rows_.for_each([&](std::int64_t row) {
    if (seam && other.first_->row < row) close_seam();
    record(row + rows_passed_, example < other.examples_.size() ? other.examples_[example].value : std::string());
    ++example;
  });
  close_seam();
  if (!first_ && other.first_) first_ = Seen{other.first_->value, other.first_->row + rows_passed_};
  if (other.last_) last_ = Seen{other.last_->value, other.last_->row + rows_passed_};
  tested_ += other.tested_;
  skipped_ += other.skipped_;
  rows_passed_ += other.rows_passed_;
}

void OrderCheck::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(static_cast<std::uint64_t>(order_));
  for (const std::int64_t whole : {rows_passed_, tested_, skipped_}) bytes.whole(static_cast<std::uint64_t>(whole));
  bytes.whole(first_ ? 1 : 0);
  if (first_) {
    for (const Seen* seen : {&*first_, &*last_}) {
      seen->value.write(bytes);
      bytes.whole(static_cast<std::uint64_t>(seen->row));
    }
  }
  unexpected_rows_.write(bytes);
  RowCheck::write_examples(bytes, examples_);
  bytes.seal(format(), out);
}

Result<void> OrderCheck::read(std::string_view bytes) {
  *this = OrderCheck(slot_, order_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  OrderCheck fresh(slot_, order_);
  in.expect(in.whole() == static_cast<std::uint64_t>(order_));
  for (std::int64_t* whole : {&fresh.rows_passed_, &fresh.tested_, &fresh.skipped_}) *whole = in.count();
  const std::uint64_t seen = in.whole();
  in.expect(seen <= 1);
  if (seen == 1 && !in.failed()) {
    for (std::optional<Seen>* end : {&fresh.first_, &fresh.last_}) {
      *end = Seen{Scalar::read(in), 0};
      (*end)->row = in.count();
      in.expect((*end)->row < fresh.rows_passed_);
    }
    in.expect(fresh.first_->row <= fresh.last_->row);
  }
  fresh.unexpected_rows_ = RowList::read(in, fresh.rows_passed_);
  fresh.examples_ = RowCheck::read_examples(in, fresh.unexpected_rows_);
  // The first value had nothing before it to break an order with: merge relies on that.
  if (fresh.first_) fresh.unexpected_rows_.for_each([&](std::int64_t row) { in.expect(row != fresh.first_->row); });
  in.expect(fresh.unexpected() <= fresh.tested_ && fresh.tested_ + fresh.skipped_ <= fresh.rows_passed_);
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
