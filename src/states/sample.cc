#include "states/sample.h"

#include <cmath>

#include "states/byte_form.h"
#include "states/numbers_of.h"

namespace cupel::states {
namespace {

class RunsCursor : public stats::Ascending::Cursor {
 public:
  explicit RunsCursor(SortedRuns<double>::Cursor values) : values_(std::move(values)) { more_ = values_.next(next_); }
  bool next(stats::Ascending::Group& group) override {
    if (!more_) return false;
    group = {next_, 0};
    while (more_ && next_ == group.value) {
      ++group.count;
      more_ = values_.next(next_);
    }
    return true;
  }

 private:
  SortedRuns<double>::Cursor values_;
  double next_ = 0;
  bool more_ = false;
};

class CountsCursor : public stats::Ascending::Cursor {
 public:
  explicit CountsCursor(std::vector<CountedNumbers::Entry> entries) : entries_(std::move(entries)) {}
  bool next(stats::Ascending::Group& group) override {
    if (at_ == entries_.size()) return false;
    group = {entries_[at_].value, entries_[at_].count};
    ++at_;
    return true;
  }

 private:
  std::vector<CountedNumbers::Entry> entries_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<stats::Ascending::Cursor> Sample::walk() const {
  if (counting_) return std::make_unique<CountsCursor>(counted_.sorted());
  return std::make_unique<RunsCursor>(values_.ascending());
}

std::optional<double> Sample::quantile(double p) const {
  if (count_ == 0) return std::nullopt;
  const double at = p * static_cast<double>(count_ - 1);
  const auto below = static_cast<std::int64_t>(at);
  const double part = at - static_cast<double>(below);
  const std::vector<double> values = stats::values_at(*this, std::vector<std::int64_t>{below, std::min(below + 1, count_ - 1)});
  return part == 0 || std::isinf(values[0]) ? values[0] : std::lerp(values[0], values[1], part);
}

// The limit is reached: if few values differ, their counts are kept from here on.
void Sample::count_values() {
  CountedNumbers counted;
  bool few = true;
  values_.for_each([&](double value) {
    if (!few) return;
    counted.add(value);
    few = counted.distinct() <= limit_bytes_ / 64;
  });
  if (!few) return;
  counted_ = std::move(counted);
  values_ = SortedRuns<double>(limit_bytes_);
  counting_ = true;
}

// Too many differ: back to the values themselves.
void Sample::spread_counts() {
  const CountedNumbers counted = std::move(counted_);
  counted_ = CountedNumbers();
  counting_ = false;
  counted.for_each([&](double value, std::int64_t count) {
    for (; count > 0; --count) values_.add(value);
  });
}

void Sample::add(double value, std::int64_t count) {
  count_ += count;
  if (!counting_ && !values_.is_spilled() && values_.size() + count > limit_bytes_ / 8 && values_.size() <= limit_bytes_ / 8) count_values();
  if (counting_) {
    counted_.add(value, count);
    if (counted_.distinct() > limit_bytes_ / 64) spread_counts();
    return;
  }
  for (; count > 0; --count) values_.add(value);
}

void Sample::update(const table::Batch& batch, Selection rows) {
  const table::Column& column = batch.columns[static_cast<std::size_t>(slot_)];
  const Passed passed = for_each_number(column, batch.num_rows, rows, [&](double value) { add(value); });
  nulls_ += passed.nulls;
  nans_ += passed.nans;
}

void Sample::merge(const State& later) {
  const auto& other = same_kind<Sample>(later);
  nulls_ += other.nulls_;
  nans_ += other.nans_;
  if (other.counting_) {
    other.counted_.for_each([&](double value, std::int64_t count) { add(value, count); });
  } else {
    other.values_.for_each_in_any_order([&](double value) { add(value); });
  }
}

void Sample::write(std::string& out) const {
  ByteWriter bytes;
  std::uint64_t groups = 0;
  for_each([&](const Group&) { ++groups; });
  for (const std::uint64_t whole : {static_cast<std::uint64_t>(nulls_), static_cast<std::uint64_t>(nans_), groups}) bytes.whole(whole);
  for_each([&](const Group& group) {
    bytes.number(group.value);
    bytes.whole(static_cast<std::uint64_t>(group.count));
  });
  bytes.seal(format(), out);
}

Result<void> Sample::read(std::string_view bytes) {
  *this = Sample(slot_, limit_bytes_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  Sample fresh(slot_, limit_bytes_);
  fresh.nulls_ = in.count();
  fresh.nans_ = in.count();
  fresh.count_ = fresh.counted_.read_content(in);
  fresh.counting_ = fresh.count_ > 0;  // as counts: bytes pay for a group, not for each of its values
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
