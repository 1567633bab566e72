#include "states/value_frequencies.h"

#include <algorithm>

#include "states/kept_rows.h"

namespace cupel::states {

Estimate Frequencies::distinct() const {
  if (!sketch_) return Estimate::exactly(static_cast<double>(exact_.distinct()));
  Estimate estimate = sketch_->distinct.distinct();
  const auto most = static_cast<double>(count());
  estimate.value = std::min(estimate.value, most);
  estimate.high = std::min(estimate.high, most);
  if (estimate.low >= estimate.high) return Estimate::exactly(estimate.high);  // both ends are certain
  return estimate;
}

std::vector<ValueCounts::Entry> Frequencies::by_count(std::int64_t at_most) const {
  return sketch_ ? sketch_->hitters.by_count(at_most) : exact_.by_count(at_most);
}

Estimate Frequencies::count_of(std::string_view value) const {
  return sketch_ ? sketch_->hitters.count_of(value) : Estimate::exactly(static_cast<double>(exact_.count_of(value)));
}

const ValueCounts& Frequencies::exact() const {
  CHECK(is_exact(), "exact counts of a sketch of {} values", count());
  return exact_;
}

void Frequencies::add(const ValueCounts& counts) {
  counts.for_each_digest([&](std::uint64_t digest, std::int64_t) { sketch_->distinct.add(digest); });
  sketch_->hitters.add(counts);
}

void Frequencies::drop(const Dropping& dropping) {
  if (dropping) dropping(exact_);
  sketch_.emplace(Sketch{Hll(slot_), HeavyHitters(slot_)});
  add(exact_);
  exact_ = ValueCounts(slot_);
}

void Frequencies::settle(const Dropping& dropping) {
  if (!sketch_ && exact_.memory_bytes() > limit_bytes_) drop(dropping);
}

void Frequencies::update(const table::Batch& batch, Selection rows, const Dropping& dropping) {
  if (sketch_) {
    sketch_->distinct.update(batch, rows);
    sketch_->hitters.update(batch, rows);
    return;
  }
  exact_.update(batch, rows);
  settle(dropping);
}

void Frequencies::merge(const State& later, const Dropping& dropping) {
  const auto& other = same_kind<Frequencies>(later);
  if (other.sketch_ && !sketch_) drop(dropping);
  if (other.sketch_) {
    sketch_->distinct.merge(other.sketch_->distinct);
    sketch_->hitters.merge(other.sketch_->hitters);
  } else if (sketch_) {
    add(other.exact_);
  } else {
    exact_.merge(other.exact_);
    settle(dropping);
  }
}

void Frequencies::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(sketch_ ? 1 : 0);
  const auto part = [&](const State& state) {
    std::string written;
    state.write(written);
    bytes.text(written);
  };
  if (sketch_) {
    part(sketch_->distinct);
    part(sketch_->hitters);
  } else {
    part(exact_);
  }
  bytes.seal(format(), out);
}

Result<void> Frequencies::read(std::string_view bytes) {
  *this = Frequencies(slot_, limit_bytes_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  Frequencies fresh(slot_, limit_bytes_);
  const std::uint64_t sketched = in.whole();
  in.expect(sketched <= 1);
  const std::string_view first = in.text();
  const std::string_view second = sketched == 1 ? in.text() : std::string_view();
  TRY(in.finish());
  if (sketched == 1) {
    fresh.sketch_.emplace(Sketch{Hll(slot_), HeavyHitters(slot_)});
    TRY(fresh.sketch_->distinct.read(first));
    TRY(fresh.sketch_->hitters.read(second));
  } else {
    TRY(fresh.exact_.read(first));
  }
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
