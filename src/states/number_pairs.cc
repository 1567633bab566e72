#include "states/number_pairs.h"

#include <algorithm>
#include <cmath>

#include "states/byte_form.h"
#include "states/kept_rows.h"

namespace cupel::states {

bool NumberPairs::make_room_for(std::size_t more) {
  const std::size_t wanted = x_.size() + more;
  if (given_up_) return false;
  if (wanted <= x_.capacity()) return true;
  const std::size_t room = std::max(wanted, 2 * x_.capacity());
  const auto bytes_of = [](std::size_t pairs) { return static_cast<std::int64_t>(2 * pairs * sizeof(double)); };
  if (MemoryBudget::of_process().has_room_for(bytes_of(room))) {  // the old ones and the new ones for a moment
    x_.reserve(room);
    y_.reserve(room);
    share_.hold(bytes_of(room));
    return true;
  }
  give_up();
  return false;
}

void NumberPairs::give_up() {
  given_up_ = true;
  x_ = {};
  y_ = {};
  share_.hold(0);
}

void NumberPairs::update(const table::Batch& batch, Selection rows) {
  const table::Column& first = batch.columns[static_cast<std::size_t>(first_)];
  const table::Column& second = batch.columns[static_cast<std::size_t>(second_)];
  // Text has no number: the subject reports it by the type of the field.
  if (first.type == table::Type::text || second.type == table::Type::text) return;
  if (!make_room_for(static_cast<std::size_t>(batch.num_rows))) return;
  const auto take = [&](std::int64_t row) {
    const double x = first.as_number(row);
    const double y = second.is_null(row) ? NAN : second.as_number(row);
    if (!std::isfinite(x) || !std::isfinite(y)) {
      ++skipped_;
      return;
    }
    x_.push_back(x);
    y_.push_back(y);
  };
  for_each_kept(first, batch.num_rows, rows, take, [&](std::int64_t) { ++skipped_; });
}

void NumberPairs::merge(const State& later) {
  const auto& other = same_kind<NumberPairs>(later);
  skipped_ += other.skipped_;
  if (other.given_up_) give_up();
  if (!make_room_for(other.x_.size())) return;
  x_.insert(x_.end(), other.x_.begin(), other.x_.end());
  y_.insert(y_.end(), other.y_.begin(), other.y_.end());
}

void NumberPairs::write(std::string& out) const {
  ByteWriter bytes;
  for (const std::int64_t whole : {skipped_, count()}) bytes.whole(static_cast<std::uint64_t>(whole));
  for (std::size_t i = 0; i < x_.size(); ++i) {
    bytes.number(x_[i]);
    bytes.number(y_[i]);
  }
  bytes.seal(format(), out);
}

Result<void> NumberPairs::read(std::string_view bytes) {
  *this = NumberPairs(first_, second_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  NumberPairs fresh(first_, second_);
  fresh.skipped_ = in.count();
  const std::int64_t size = in.count_of(16);
  for (std::int64_t i = 0; i < size && !in.failed(); ++i) {
    fresh.x_.push_back(in.number());
    fresh.y_.push_back(in.number());
    in.expect(std::isfinite(fresh.x_.back()) && std::isfinite(fresh.y_.back()));
  }
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
