#include "states/moments.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "states/byte_form.h"
#include "states/kept_rows.h"

namespace cupel::states {
namespace {

constexpr std::size_t k_lanes = k_sum_lanes;

std::optional<double> if_finite(double value) { return std::isfinite(value) ? std::optional(value) : std::nullopt; }

// NaN, the mark of an overflow, stays.
double not_below_zero(double value) { return value < 0 ? 0 : value; }

__extension__ typedef __int128 Int128;

DoubleDouble exact_double_double(Int128 sum) {
  DoubleDouble result;
  result.high = static_cast<double>(sum);
  result.low = static_cast<double>(sum - static_cast<Int128>(result.high));
  return result;
}

}  // namespace

std::optional<double> Moments::mean() const {
  if (count_ == 0) return std::nullopt;
  return if_finite(divide(sum_, static_cast<double>(count_)).value());
}

std::optional<double> Moments::min() const { return count_ > 0 ? std::optional(min_) : std::nullopt; }
std::optional<double> Moments::max() const { return count_ > 0 ? std::optional(max_) : std::nullopt; }

std::optional<double> Moments::variance() const {
  if (count_ < 2) return std::nullopt;
  return if_finite(m2_ / static_cast<double>(count_ - 1));
}

std::optional<double> Moments::stddev() const {
  const std::optional<double> square = variance();
  return square ? std::optional(std::sqrt(*square)) : std::nullopt;
}

std::optional<double> Moments::skewness() const {
  if (count_ < 2 || !(m2_ > 0)) return std::nullopt;
  const double spread = std::sqrt(m2_);
  return if_finite(std::sqrt(static_cast<double>(count_)) * (m3_ / m2_ / spread));
}

std::optional<double> Moments::kurtosis() const {
  if (count_ < 2 || !(m2_ > 0)) return std::nullopt;
  return if_finite(static_cast<double>(count_) * (m4_ / m2_ / m2_) - 3);
}

// Power sums of deviations from a double near the mean, then moved to the mean itself (e is what is left between the two).
Moments Moments::of_batch(const std::vector<double>& values, const DoubleDouble& sum) {
  Moments batch(0);
  batch.count_ = static_cast<std::int64_t>(values.size());
  batch.sum_ = sum;
  const auto n = static_cast<double>(values.size());
  const double center = divide(sum, n).value();
  std::array<double, k_lanes> s1{}, s2{}, s3{}, s4{}, low, high;
  low.fill(values[0]);
  high.fill(values[0]);
  const auto take = [&](double value, std::size_t lane) {
    const double d = value - center;
    const double square = d * d;
    s1[lane] += d;
    s2[lane] += square;
    s3[lane] += square * d;
    s4[lane] += square * square;
    low[lane] = std::min(low[lane], value);
    high[lane] = std::max(high[lane], value);
  };
  std::size_t i = 0;
  for (; i + k_lanes <= values.size(); i += k_lanes) {
    for (std::size_t lane = 0; lane < k_lanes; ++lane) take(values[i + lane], lane);
  }
  for (; i < values.size(); ++i) take(values[i], i % k_lanes);
  const auto total = [](const std::array<double, k_lanes>& lanes) {
    double all = 0;
    for (const double lane : lanes) all += lane;
    return all;
  };
  batch.min_ = *std::min_element(low.begin(), low.end());
  batch.max_ = *std::max_element(high.begin(), high.end());
  if (batch.min_ == batch.max_) return batch;  // no spread: exactly 0, whatever the sum's last digit
  const double e = total(s1) / n;
  const double square = total(s2);
  const double cube = total(s3);
  batch.m2_ = not_below_zero(square - n * e * e);
  batch.m3_ = cube - 3 * e * square + 2 * n * e * e * e;
  batch.m4_ = not_below_zero(total(s4) - 4 * e * cube + 6 * e * e * square - 3 * n * e * e * e * e);
  return batch;
}

void Moments::combine(const Moments& later) {
  if (later.count_ == 0) return;
  if (count_ == 0) {
    count_ = later.count_;
    sum_ = later.sum_;
    m2_ = later.m2_;
    m3_ = later.m3_;
    m4_ = later.m4_;
    min_ = later.min_;
    max_ = later.max_;
    return;
  }
  const auto a = static_cast<double>(count_);
  const auto b = static_cast<double>(later.count_);
  const double n = a + b;
  const DoubleDouble before = divide(sum_, a);
  DoubleDouble step = divide(later.sum_, b);
  step.add(DoubleDouble{-before.high, -before.low});
  const bool constant = min_ == max_ && later.min_ == later.max_ && min_ == later.min_;
  const double d = constant ? 0 : step.value();
  // d/n first: the products stay in range as long as the moments themselves do.
  const double d_n = d / n;
  const double ab = a * b * d_n * d;
  m4_ += later.m4_ + ab * d_n * d_n * (a * a - a * b + b * b) + 6 * d_n * d_n * (a * a * later.m2_ + b * b * m2_) +
         4 * d_n * (a * later.m3_ - b * m3_);
  m3_ += later.m3_ + ab * d_n * (a - b) + 3 * d_n * (a * later.m2_ - b * m2_);
  m2_ += later.m2_ + ab;
  count_ += later.count_;
  sum_.add(later.sum_);
  min_ = std::min(min_, later.min_);
  max_ = std::max(max_, later.max_);
}

void Moments::add(std::span<const CountedNumbers::Entry> values, std::int64_t nulls, std::int64_t nans) {
  Moments part(slot_);
  for (const CountedNumbers::Entry& entry : values) {
    if (!std::isfinite(entry.value)) {
      part.infinities_ += entry.count;
      continue;
    }
    part.min_ = part.count_ == 0 ? entry.value : std::min(part.min_, entry.value);
    part.max_ = part.count_ == 0 ? entry.value : std::max(part.max_, entry.value);
    part.count_ += entry.count;
    part.sum_.add(product(entry.value, static_cast<double>(entry.count)));
  }
  if (part.count_ > 0 && part.min_ < part.max_) {
    const auto n = static_cast<double>(part.count_);
    const DoubleDouble mean = divide(part.sum_, n);
    DoubleDouble squares, cubes, fourths;
    for (const CountedNumbers::Entry& entry : values) {
      if (!std::isfinite(entry.value)) continue;
      DoubleDouble deviation = mean;
      deviation.add(-entry.value);
      const double d = -deviation.value();
      const double square = d * d * static_cast<double>(entry.count);
      squares.add(square);
      cubes.add(square * d);
      fourths.add(square * d * d);
    }
    part.m2_ = squares.value();
    part.m3_ = cubes.value();
    part.m4_ = fourths.value();
  }
  combine(part);
  nulls_ += nulls;
  nans_ += nans;
  infinities_ += part.infinities_;
}

void Moments::gather(const table::Column& column, Selection rows) {
  const auto null = [&](std::int64_t) { ++nulls_; };
  const std::int64_t num_rows = column.num_rows;
  values_.clear();
  if (column.type == table::Type::number) {
    const double* numbers = column.numbers();
    const auto take = [&](std::int64_t row) {
      const double value = numbers[row];
      if (std::isfinite(value)) {
        values_.push_back(value);
      } else {
        ++(std::isnan(value) ? nans_ : infinities_);
      }
    };
    for_each_kept(column, num_rows, rows, take, null);
    batch_sum_ = sum_of(values_);
    return;
  }
  Int128 sum = 0;
  const auto take = [&](std::int64_t value) {
    values_.push_back(static_cast<double>(value));
    sum += value;
  };
  if (column.type == table::Type::boolean) {
    for_each_kept(
        column, num_rows, rows, [&](std::int64_t row) { take(column.booleans()[row]); }, null);
  } else {
    for_each_kept(
        column, num_rows, rows, [&](std::int64_t row) { take(column.integers()[row]); }, null);
  }
  batch_sum_ = exact_double_double(sum);
}

void Moments::update(const table::Batch& batch, Selection rows) {
  const table::Column& column = batch.columns[static_cast<std::size_t>(slot_)];
  if (column.type == table::Type::text) {  // no numbers here: what is present is counted as not a number
    for_each_kept(
        column, batch.num_rows, rows, [&](std::int64_t) { ++nans_; }, [&](std::int64_t) { ++nulls_; });
    return;
  }
  gather(column, rows);
  if (!values_.empty()) combine(of_batch(values_, batch_sum_));
}

void Moments::merge(const State& later) {
  const auto& other = same_kind<Moments>(later);
  combine(other);
  nulls_ += other.nulls_;
  nans_ += other.nans_;
  infinities_ += other.infinities_;
}

void Moments::write(std::string& out) const {
  ByteWriter bytes;
  for (const std::int64_t whole : {count_, nulls_, nans_, infinities_}) bytes.whole(static_cast<std::uint64_t>(whole));
  for (const double number : {sum_.high, sum_.low, m2_, m3_, m4_, min_, max_}) bytes.number(number);
  bytes.seal(format(), out);
}

Result<void> Moments::read(std::string_view bytes) {
  *this = Moments(slot_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  Moments fresh(slot_);
  for (std::int64_t* whole : {&fresh.count_, &fresh.nulls_, &fresh.nans_, &fresh.infinities_}) *whole = in.count();
  for (double* number : {&fresh.sum_.high, &fresh.sum_.low, &fresh.m2_, &fresh.m3_, &fresh.m4_, &fresh.min_, &fresh.max_}) {
    *number = in.number();
  }
  in.expect(std::isfinite(fresh.min_) && std::isfinite(fresh.max_) && fresh.min_ <= fresh.max_);
  in.expect(!std::isnan(fresh.sum_.high) && std::isfinite(fresh.sum_.low));
  in.expect(!(fresh.m2_ < 0) && !(fresh.m4_ < 0));  // an overflow may have made them NaN or infinite
  in.expect(fresh.count_ > 0 || (fresh.sum_.value() == 0 && fresh.m2_ == 0 && fresh.m3_ == 0 && fresh.m4_ == 0));
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
