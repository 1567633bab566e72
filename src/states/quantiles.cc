#include "states/quantiles.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "states/numbers_of.h"

namespace cupel::states {
namespace {

// Counting pays while a value occurs four times or more; among fewer values than this it always does.
constexpr std::int64_t k_few = 2048;
constexpr std::int64_t k_repeats = 4;

}  // namespace

// The order of the counted ones, or the positions of the spread ones that are in place: everything before such a position is not greater,
// everything after it not less.
struct Quantiles::Found {
  std::vector<Entry> sorted;
  std::vector<std::int64_t> ranks;  // of the last of each entry, plus 1
  std::vector<std::int64_t> placed;
};

bool Quantiles::over_limit() const {
  return count_ > limit_bytes_ / 8 && (!counting_ || counted_.distinct() > limit_bytes_ / 64);
}

// From counts to the values themselves.
void Quantiles::spread() {
  values_.reserve(static_cast<std::size_t>(count_ - spilled_count_));
  counted_.for_each([&](double value, std::int64_t count) { values_.insert(values_.end(), static_cast<std::size_t>(count), value); });
  counted_.clear();
  counting_ = false;
}

// From the values to counts, unless so many differ that it does not pay and they fit as they are.
void Quantiles::count_values() {
  const std::int64_t most = count_ > limit_bytes_ / 8 ? limit_bytes_ / 64 + 1 : count_ / (2 * k_repeats);
  CountedNumbers counted;
  for (const double value : values_) {
    counted.add(value);
    if (counted.distinct() > most) return;
  }
  counted_ = std::move(counted);
  values_ = {};
  counting_ = true;
}

// Chooses how the values are held: after every batch and merge.
void Quantiles::settle() {
  if (sketch_) return;
  if (!spilled_.empty()) {
    if (count_ <= limit_bytes_ / 8) return keep_within_budget();
    gather();
    if (sketch_) return;
  }
  if (counting_ && counted_.distinct() > k_few && count_ <= limit_bytes_ / 8 && counted_.distinct() * k_repeats > count_) spread();
  if (!counting_ && (count_ >= reconsider_at_ || count_ > limit_bytes_ / 8)) {
    reconsider_at_ = 4 * count_;
    count_values();
  }
  if (over_limit()) sketch();
  keep_within_budget();
}

// Beyond the number of values that may stay as they are there are few different ones, which stay in memory, or a sketch.
void Quantiles::keep_within_budget() {
  const auto bytes = static_cast<std::int64_t>(values_.capacity() * sizeof(double)) + counted_.memory_bytes();
  if (!share_.hold(bytes) && count_ <= limit_bytes_ / 8) spill();
}

void Quantiles::spill() {
  counted_.for_each([&](double value, std::int64_t count) { spilled_.add({value, count}); });
  for (const double value : values_) spilled_.add({value, 1});
  spilled_count_ = count_;
  counted_.clear();
  values_ = {};
  counting_ = true;
  cache_.found.reset();
  share_.hold(0);
}

void Quantiles::put_away() {
  if (!sketch_ && share_.held() > 0) spill();
  spilled_.put_away();
}

// As over_limit() decides where all are in memory.
void Quantiles::gather() {
  std::int64_t different = 0;
  for_each_entry([&](double, std::int64_t) { ++different; });
  if (different > limit_bytes_ / 64) return sketch();
  CountedNumbers all;
  for_each_entry([&](double value, std::int64_t count) { all.add(value, count); });
  counted_ = std::move(all);
  values_ = {};
  counting_ = true;
  if (!problem_) problem_ = spilled_.problem();
  spilled_ = SortedRuns<Counted>(limit_bytes_ / 4);
  spilled_count_ = 0;
}

void Quantiles::make_room_for(std::size_t more) {
  const std::size_t wanted = values_.size() + more;
  if (wanted <= values_.capacity()) return;
  // Near the limit there is no doubling any more: beyond it they do not stay.
  const auto most = static_cast<std::size_t>(limit_bytes_ / 8 + limit_bytes_ / 64);
  values_.reserve(std::max(wanted, wanted > most / 2 ? most : 2 * values_.capacity()));
}

// In ascending order with counts: what the sketch gets is a function of the values alone.
void Quantiles::sketch() {
  Kll sketched(slot_);
  for_each_entry([&](double value, std::int64_t count) { sketched.add(value, count); });
  sketch_ = std::move(sketched);
  counted_.clear();
  values_ = {};
  counting_ = false;
  if (!problem_) problem_ = spilled_.problem();
  spilled_ = SortedRuns<Counted>(limit_bytes_ / 4);
  spilled_count_ = 0;
  share_.hold(0);
  cache_.found.reset();
}

// Counted values join spread ones: as copies, unless they alone are too many for that; then all are counted.
void Quantiles::spread_counts(const CountedNumbers& counted, std::int64_t count_of_all) {
  if (count_of_all <= limit_bytes_ / 8) {
    make_room_for(static_cast<std::size_t>(count_of_all));
    counted.for_each([&](double value, std::int64_t count) { values_.insert(values_.end(), static_cast<std::size_t>(count), value); });
    return;
  }
  count_values();
  if (!counting_) sketch();
  counted.for_each([&](double value, std::int64_t count) { sketch_ ? sketch_->add(value, count) : counted_.add(value, count); });
}

void Quantiles::add(double value, std::int64_t count) {
  cache_.found.reset();
  count_ += count;
  if (sketch_) {
    sketch_->add(value, count);
  } else if (counting_) {
    counted_.add(value, count);
  } else {
    CountedNumbers one;
    one.add(value, count);
    spread_counts(one, count);
  }
  if (counting_ && (counted_.distinct() > k_few || !spilled_.empty())) settle();
}

void Quantiles::update(const table::Batch& batch, Selection rows) {
  const table::Column& column = batch.columns[static_cast<std::size_t>(slot_)];
  std::int64_t taken = 0;
  Passed passed;
  if (sketch_) {
    passed = for_each_number(column, batch.num_rows, rows, [&](double value) {
      sketch_->add(value);
      ++taken;
    });
  } else if (counting_) {
    passed = for_each_number(column, batch.num_rows, rows, [&](double value) {
      counted_.add(value);
      ++taken;
    });
  } else {
    const std::size_t before = values_.size();
    make_room_for(static_cast<std::size_t>(batch.num_rows));
    passed = for_each_number(column, batch.num_rows, rows, [&](double value) { values_.push_back(value); });
    taken = static_cast<std::int64_t>(values_.size() - before);
  }
  count_ += taken;
  nulls_ += passed.nulls;
  nans_ += passed.nans;
  cache_.found.reset();
  settle();
}

void Quantiles::merge(const State& later) {
  const auto& other = same_kind<Quantiles>(later);
  nulls_ += other.nulls_;
  nans_ += other.nans_;
  if (other.count_ == 0) return;
  cache_.found.reset();
  if (other.sketch_ && !sketch_) sketch();
  count_ += other.count_;
  if (other.sketch_) {
    sketch_->merge(*other.sketch_);
  } else if (sketch_) {
    other.for_each_entry([&](double value, std::int64_t count) { sketch_->add(value, count); });
  } else if (!other.spilled_.empty()) {
    CountedNumbers counted;
    other.for_each_entry([&](double value, std::int64_t count) { counted.add(value, count); });
    counting_ ? counted.for_each([&](double value, std::int64_t count) { counted_.add(value, count); }) : spread_counts(counted, other.count_);
  } else if (other.counting_) {
    counting_ ? other.counted_.for_each([&](double value, std::int64_t count) { counted_.add(value, count); }) : spread_counts(other.counted_, other.count_);
  } else if (counting_ && count_ > other.count_) {
    for (const double value : other.values_) counted_.add(value);
  } else {
    counting_ = false;
    make_room_for(other.values_.size());
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  }
  settle();
}

Quantiles::Found& Quantiles::found() const {
  if (!cache_.found) {
    cache_.found = std::make_shared<Found>();
    if (counting_) {
      cache_.found->sorted = counted_.sorted();
      std::int64_t rank = 0;
      for (const Entry& entry : cache_.found->sorted) cache_.found->ranks.push_back(rank += entry.count);
    }
  }
  return *cache_.found;
}

double Quantiles::at(std::int64_t at) const {
  CHECK(is_exact() && at >= 0 && at < count_, "position {} of {} values", at, count_);
  if (!spilled_.empty()) {
    double found = 0;
    std::int64_t rank = 0;
    for_each_entry([&](double value, std::int64_t count) {
      if (rank <= at) found = value;
      rank += count;
    });
    return found;
  }
  const std::lock_guard lock(cache_.mutex);
  Found& known = found();
  if (counting_) {
    const auto entry = std::upper_bound(known.ranks.begin(), known.ranks.end(), at) - known.ranks.begin();
    return known.sorted[static_cast<std::size_t>(entry)].value;
  }
  const auto next = std::lower_bound(known.placed.begin(), known.placed.end(), at);
  if (next == known.placed.end() || *next != at) {
    const auto begin = next == known.placed.begin() ? values_.begin() : values_.begin() + *(next - 1) + 1;
    const auto end = next == known.placed.end() ? values_.end() : values_.begin() + *next;
    std::nth_element(begin, values_.begin() + at, end);
    known.placed.insert(next, at);
  }
  return values_[static_cast<std::size_t>(at)];
}

std::optional<Estimate> Quantiles::quantile(double p) const {
  if (count_ == 0) return std::nullopt;
  if (sketch_) return sketch_->quantile(p);
  const double position = p * static_cast<double>(count_ - 1);
  const auto below = static_cast<std::int64_t>(position);
  const double part = position - static_cast<double>(below);
  const double left = at(below);
  if (part == 0 || below + 1 == count_ || std::isinf(left)) return Estimate::exactly(left);
  return Estimate::exactly(std::lerp(left, at(below + 1), part));
}

Estimate Quantiles::share_at_most(double value) const {
  if (sketch_) return sketch_->share_at_most(value);
  if (count_ == 0) return Estimate::exactly(0);
  std::int64_t rank = 0;
  if (!spilled_.empty()) {
    for_each_entry([&](double known, std::int64_t count) { rank += known <= value ? count : 0; });
  } else if (counting_) {
    counted_.for_each([&](double known, std::int64_t count) { rank += known <= value ? count : 0; });
  } else {
    const std::lock_guard lock(cache_.mutex);
    rank = std::count_if(values_.begin(), values_.end(), [&](double known) { return known <= value; });
  }
  return Estimate::exactly(static_cast<double>(rank) / static_cast<double>(count_));
}

std::optional<double> Quantiles::min() const {
  if (count_ == 0) return std::nullopt;
  return sketch_ ? sketch_->min() : at(0);
}

std::optional<double> Quantiles::max() const {
  if (count_ == 0) return std::nullopt;
  return sketch_ ? sketch_->max() : at(count_ - 1);
}

void Quantiles::for_each_entry(const std::function<void(double value, std::int64_t count)>& take) const {
  Entry group;
  const auto add = [&](double value, std::int64_t count) {
    if (group.count > 0 && group.value != value) take(group.value, std::exchange(group.count, 0));
    group.value = value;
    group.count += count;
  };
  if (sketch_) {
    for (const Kll::Point& point : sketch_->points()) add(point.value, point.weight);
  } else if (!spilled_.empty()) {
    std::vector<Entry> held = counted_.sorted();  // after a spill what is held is counted, and then little
    CHECK(counting_, "{} values beside a file", values_.size());
    auto next = held.begin();
    spilled_.for_each([&](const Counted& counted) {
      for (; next != held.end() && next->value < counted.value; ++next) add(next->value, next->count);
      add(counted.value, counted.count);
    });
    for (; next != held.end(); ++next) add(next->value, next->count);
  } else {
    const std::lock_guard lock(cache_.mutex);
    if (counting_) {
      for (const Entry& entry : found().sorted) add(entry.value, entry.count);
    } else {
      std::sort(values_.begin(), values_.end());  // whatever was in place stays so
      for (const double value : values_) add(value, 1);
    }
  }
  if (group.count > 0) take(group.value, group.count);
}

std::vector<Quantiles::Entry> Quantiles::entries() const {
  std::vector<Entry> all;
  for_each_entry([&](double value, std::int64_t count) { all.push_back({value, count}); });
  return all;
}

std::vector<double> Quantiles::sorted() const {
  CHECK(is_exact(), "all of {} values of a sketch", count_);
  std::vector<double> all;
  all.reserve(static_cast<std::size_t>(count_));
  for_each_entry([&](double value, std::int64_t count) { all.insert(all.end(), static_cast<std::size_t>(count), value); });
  return all;
}

void Quantiles::write_content(ByteWriter& out) const {
  out.whole(static_cast<std::uint64_t>(nulls_));
  out.whole(static_cast<std::uint64_t>(nans_));
  out.whole(sketch_ ? 1 : 0);
  if (sketch_) return sketch_->write_content(out);
  const std::vector<Entry> all = entries();
  out.whole(all.size());
  for (const Entry& entry : all) {
    out.number(entry.value);
    out.whole(static_cast<std::uint64_t>(entry.count));
  }
}

void Quantiles::read_content(ByteReader& in) {
  Quantiles fresh(slot_, limit_bytes_);
  fresh.nulls_ = in.count();
  fresh.nans_ = in.count();
  const std::uint64_t sketched = in.whole();
  in.expect(sketched <= 1);
  if (sketched == 1 && !in.failed()) {
    fresh.sketch_.emplace(slot_);
    fresh.counting_ = false;
    fresh.sketch_->read_content(in);
    fresh.count_ = fresh.sketch_->count();
    in.expect(fresh.count_ > 0 && fresh.sketch_->nulls() == 0 && fresh.sketch_->nans() == 0);
  } else {
    fresh.count_ = fresh.counted_.read_content(in);
  }
  if (!in.failed()) *this = std::move(fresh);
}

void Quantiles::write(std::string& out) const {
  ByteWriter bytes;
  write_content(bytes);
  bytes.seal(format(), out);
}

Result<void> Quantiles::read(std::string_view bytes) {
  *this = Quantiles(slot_, limit_bytes_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  Quantiles fresh(slot_, limit_bytes_);
  fresh.read_content(in);
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
