#include "states/column_profile.h"

#include <cmath>

#include "states/kept_rows.h"

namespace cupel::states {

void ColumnProfile::Wide::add(const ValueCounts& counts) {
  std::vector<CountedNumbers::Entry> numbers;
  std::int64_t nans = 0;
  counts.for_each([&](const Scalar& value, std::int64_t count, std::int64_t) {
    const bool is_nan = value.type == table::Type::number && std::isnan(value.number);
    if (!is_nan && (!min || value.compare(*min) < 0)) min = value;
    if (!is_nan && (!max || value.compare(*max) > 0)) max = value;
    if (value.type == table::Type::text) {
      lengths.add(value.text, count);
    } else if (is_nan) {
      nans += count;
    } else {
      numbers.push_back({(value.type == table::Type::timestamp ? static_cast<double>(value.integer) : value.number) + 0.0, count});
      quantiles.add(numbers.back().value, count);
    }
  });
  moments.add(numbers, counts.nulls(), nans);
  quantiles.add_nan(nans);
  quantiles.add_null(counts.nulls());
  patterns.add(counts);
}

void ColumnProfile::Wide::merge(const Wide& later) {
  if (later.min && (!min || later.min->compare(*min) < 0)) min = later.min;
  if (later.max && (!max || later.max->compare(*max) > 0)) max = later.max;
  moments.merge(later.moments);
  quantiles.merge(later.quantiles);
  lengths.merge(later.lengths);
  patterns.merge(later.patterns);
}

ColumnProfile::Wide ColumnProfile::facts() const {
  if (wide_) return *wide_;
  Wide wide(slot_);
  wide.add(frequencies_.exact());
  return wide;
}

std::optional<Scalar> ColumnProfile::min() const { return facts().min; }
std::optional<Scalar> ColumnProfile::max() const { return facts().max; }
Moments ColumnProfile::moments() const { return facts().moments; }
Quantiles ColumnProfile::quantiles() const { return facts().quantiles; }
TextLengths ColumnProfile::lengths() const { return facts().lengths; }
Patterns ColumnProfile::patterns() const { return facts().patterns; }

Frequencies::Dropping ColumnProfile::widen() {
  return [this](const ValueCounts& counts) {
    wide_.emplace(slot_);
    wide_->add(counts);
  };
}

void ColumnProfile::update(const table::Batch& batch, Selection rows) {
  if (!wide_) return frequencies_.update(batch, rows, widen());
  ColumnProfile part(slot_, limit_bytes_);
  part.update(batch, rows);
  merge(part);
}

void ColumnProfile::merge(const State& later) {
  const auto& other = same_kind<ColumnProfile>(later);
  const bool was_wide = wide_.has_value();
  frequencies_.merge(other.frequencies_, widen());
  if (!wide_) return;
  if (other.wide_) {
    wide_->merge(*other.wide_);
  } else if (was_wide) {
    wide_->add(other.frequencies_.exact());  // else it was among what was dropped
  }
}

void ColumnProfile::write(std::string& out) const {
  ByteWriter bytes;
  const auto part = [&](const State& state) {
    std::string written;
    state.write(written);
    bytes.text(written);
  };
  part(frequencies_);
  bytes.whole(wide_ ? 1 : 0);
  if (wide_) {
    bytes.whole(wide_->min ? 1 : 0);
    if (wide_->min) {
      wide_->min->write(bytes);
      wide_->max->write(bytes);
    }
    part(wide_->moments);
    part(wide_->quantiles);
    part(wide_->lengths);
    part(wide_->patterns);
  }
  bytes.seal(format(), out);
}

Result<void> ColumnProfile::read(std::string_view bytes) {
  *this = ColumnProfile(slot_, limit_bytes_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  ColumnProfile fresh(slot_, limit_bytes_);
  const auto fill = [&](State& state) { return state.read(in.text()); };
  TRY(fill(fresh.frequencies_));
  const std::uint64_t is_wide = in.whole();
  in.expect(is_wide == (fresh.frequencies_.is_exact() ? 0u : 1u));
  if (is_wide == 1 && !in.failed()) {
    fresh.wide_.emplace(slot_);
    const std::uint64_t has_values = in.whole();
    in.expect(has_values <= 1);
    if (has_values == 1 && !in.failed()) {
      fresh.wide_->min = Scalar::read(in);
      fresh.wide_->max = Scalar::read(in);
    }
    TRY(fill(fresh.wide_->moments));
    TRY(fill(fresh.wide_->quantiles));
    TRY(fill(fresh.wide_->lengths));
    TRY(fill(fresh.wide_->patterns));
  }
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
