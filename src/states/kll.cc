#include "states/kll.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/hash.h"
#include "base/random.h"
#include "states/numbers_of.h"

namespace cupel::states {
namespace {

// Levels below the highest shrink by this factor (section 3 of the paper); a level of fewer than eight values is not worth its compaction.
constexpr double k_shrink = 2.0 / 3;
constexpr std::size_t k_least_capacity = 8;
constexpr std::size_t k_most_levels = 62;
// What bytes may claim: so many that merging them again and again still counts rightly.
constexpr std::int64_t k_most_read = std::int64_t{1} << 50;
constexpr std::int64_t k_most_levels_read = 50;

}  // namespace

std::size_t Kll::capacity(std::size_t level) const {
  const auto depth = static_cast<double>(levels_.size() - 1 - level);
  return std::max(k_least_capacity, static_cast<std::size_t>(std::ceil(k_ * std::pow(k_shrink, depth))));
}

void Kll::open_level(std::size_t level) {
  if (level < levels_.size()) return;
  CHECK(level < k_most_levels, "level {} of a sketch", level);
  levels_.resize(level + 1);
  capacity_ = 0;
  for (std::size_t i = 0; i < levels_.size(); ++i) capacity_ += capacity(i);
}

void Kll::add(double value, std::int64_t weight) {
  if (weight <= 0) return;
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = count_ == 0 ? value : std::max(max_, value);
  count_ += weight;
  for (auto bits = static_cast<std::uint64_t>(weight); bits != 0; bits &= bits - 1) {
    const auto level = static_cast<std::size_t>(std::countr_zero(bits));
    open_level(level);
    levels_[level].push_back(value);
    ++kept_;
  }
  if (kept_ > capacity_) shrink();
}

// The lowest level that is full goes up, until the whole fits.
void Kll::shrink() {
  while (kept_ > capacity_) {
    std::size_t level = 0;
    while (level + 1 < levels_.size() && levels_[level].size() < capacity(level)) ++level;
    compact(level);
  }
}

void Kll::compact(std::size_t level) {
  open_level(level + 1);
  std::vector<double>& from = levels_[level];
  std::sort(from.begin(), from.end());
  const std::size_t pairs = from.size() / 2;
  const std::string_view content(reinterpret_cast<const char*>(from.data()), from.size() * sizeof(double));
  Random random(static_cast<std::uint64_t>(count_), "kll coin", fast_hash(content, level));
  const std::size_t coin = random.below(2);
  std::vector<double>& to = levels_[level + 1];
  for (std::size_t i = 0; i < pairs; ++i) to.push_back(from[2 * i + coin]);
  // Of an odd number the greatest stays where it is.
  if (from.size() % 2 == 1) from[0] = from.back();
  from.resize(from.size() % 2);
  kept_ -= pairs;
  sigma_ = std::hypot(sigma_, std::ldexp(1.0, static_cast<int>(level)));
}

double Kll::rank_error(double confidence) const {
  return sigma_ * std::sqrt(2 * std::log(2 / (1 - confidence)));
}

std::vector<Kll::Point> Kll::points() const {
  std::vector<Point> all;
  all.reserve(kept_);
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    for (const double value : levels_[level]) all.push_back({value, std::int64_t{1} << level});
  }
  std::sort(all.begin(), all.end(), [](const Point& a, const Point& b) { return a.value < b.value || (a.value == b.value && a.weight < b.weight); });
  return all;
}

// Let a be the value at position j (from 0). Its rank (values at most a) is at least j + 1 and that of what is below it at most j. So
// unless the sketch errs by more than t, the first kept value of estimated rank j + 1 - t or more is not above a, and the first of
// estimated rank above j + t not below it.
std::optional<Estimate> Kll::quantile(double p, double confidence) const {
  if (count_ == 0) return std::nullopt;
  const std::vector<Point> all = points();
  const double at = p * static_cast<double>(count_ - 1);
  const double below = std::floor(at);
  const double above = std::min(below + 1, static_cast<double>(count_ - 1));
  const double t = rank_error(confidence);
  const auto first_with = [&](auto holds, double otherwise) {
    std::int64_t rank = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      rank += all[i].weight;
      if (holds(static_cast<double>(rank))) return all[i].value;
    }
    return otherwise;
  };
  const double left = first_with([&](double rank) { return rank >= below + 1; }, max_);
  const double right = first_with([&](double rank) { return rank >= above + 1; }, max_);
  const double value = at == below || std::isinf(left) ? left : std::lerp(left, right, at - below);
  if (is_exact()) return Estimate::exactly(value);
  const double low = below + 1 - t <= 1 ? min_ : first_with([&](double rank) { return rank >= below + 1 - t; }, min_);
  const double high = first_with([&](double rank) { return rank > (at == below ? below : above) + t; }, max_);
  return Estimate{value, low, high, confidence};
}

Estimate Kll::share_at_most(double value, double confidence) const {
  if (count_ == 0) return Estimate::exactly(0);
  if (value >= max_) return Estimate::exactly(1);
  if (value < min_) return Estimate::exactly(0);
  std::int64_t rank = 0;
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    rank += std::count_if(levels_[level].begin(), levels_[level].end(), [&](double kept) { return kept <= value; }) << level;
  }
  const auto n = static_cast<double>(count_);
  const double share = static_cast<double>(rank) / n;
  if (is_exact()) return Estimate::exactly(share);
  const double t = rank_error(confidence) / n;
  return {share, std::max(0.0, share - t), std::min(1.0, share + t), confidence};
}

void Kll::update(const table::Batch& batch, Selection rows) {
  const table::Column& column = batch.columns[static_cast<std::size_t>(slot_)];
  const Passed passed = for_each_number(column, batch.num_rows, rows, [&](double value) { add(value); });
  nulls_ += passed.nulls;
  nans_ += passed.nans;
}

void Kll::merge(const State& later) {
  const auto& other = same_kind<Kll>(later);
  nulls_ += other.nulls_;
  nans_ += other.nans_;
  if (other.count_ == 0) return;
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = count_ == 0 ? other.max_ : std::max(max_, other.max_);
  count_ += other.count_;
  sigma_ += other.sigma_;
  open_level(other.levels_.size() - 1);
  for (std::size_t level = 0; level < other.levels_.size(); ++level) {
    levels_[level].insert(levels_[level].end(), other.levels_[level].begin(), other.levels_[level].end());
  }
  kept_ += other.kept_;
  shrink();
}

void Kll::write_content(ByteWriter& out) const {
  for (const std::int64_t whole : {static_cast<std::int64_t>(k_), nulls_, nans_}) out.whole(static_cast<std::uint64_t>(whole));
  out.number(sigma_);
  out.number(min_);
  out.number(max_);
  out.whole(levels_.size());
  for (const std::vector<double>& level : levels_) {
    std::vector<double> sorted = level;
    std::sort(sorted.begin(), sorted.end());
    out.whole(sorted.size());
    for (const double value : sorted) out.number(value);
  }
}

void Kll::read_content(ByteReader& in) {
  const std::int64_t k = in.count();
  in.expect(k >= 8 && k <= 1 << 24);
  Kll fresh(slot_, in.failed() ? k_ : static_cast<int>(k));
  fresh.nulls_ = in.count();
  fresh.nans_ = in.count();
  fresh.sigma_ = in.number();
  fresh.min_ = in.number();
  fresh.max_ = in.number();
  in.expect(fresh.sigma_ >= 0 && std::isfinite(fresh.sigma_) && !std::isnan(fresh.min_) && !std::isnan(fresh.max_));
  const std::int64_t num_levels = in.count_of(1);
  in.expect(num_levels <= k_most_levels_read);
  for (std::int64_t level = 0; level < num_levels && !in.failed(); ++level) {
    fresh.open_level(static_cast<std::size_t>(level));
    std::vector<double>& values = fresh.levels_.back();
    values.resize(static_cast<std::size_t>(in.count_of(8)));
    for (double& value : values) {
      value = in.number();
      in.expect(value >= fresh.min_ && value <= fresh.max_ && !(value == 0 && std::signbit(value)));
    }
    in.expect(std::is_sorted(values.begin(), values.end()));
    fresh.kept_ += values.size();
    in.expect(static_cast<std::int64_t>(values.size()) < k_most_read >> level);
    if (!in.failed()) fresh.count_ += static_cast<std::int64_t>(values.size()) << level;
    in.expect(fresh.count_ < k_most_read);
  }
  in.expect(fresh.kept_ <= fresh.capacity_ && (fresh.levels_.empty() || !fresh.levels_.back().empty()));
  in.expect(fresh.kept_ > 0 || (fresh.min_ == 0 && fresh.max_ == 0 && fresh.sigma_ == 0));
  if (!in.failed()) *this = std::move(fresh);
}

void Kll::write(std::string& out) const {
  ByteWriter bytes;
  write_content(bytes);
  bytes.seal(format(), out);
}

Result<void> Kll::read(std::string_view bytes) {
  *this = Kll(slot_, k_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  Kll fresh(slot_, k_);
  fresh.read_content(in);
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
