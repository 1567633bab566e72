#include "states/co_moments.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "states/byte_form.h"
#include "states/kept_rows.h"

namespace cupel::states {
namespace {

std::optional<double> if_finite(double value) { return std::isfinite(value) ? std::optional(value) : std::nullopt; }

double number_at(const table::Column& column, std::int64_t row) {
  return column.type == table::Type::text ? std::numeric_limits<double>::quiet_NaN() : column.as_number(row);
}

bool is_constant(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [&](double value) { return value == values[0]; });
}

}  // namespace

std::optional<double> CoMoments::mean_x() const {
  return count_ == 0 ? std::nullopt : if_finite(divide(sum_x_, static_cast<double>(count_)).value());
}
std::optional<double> CoMoments::mean_y() const {
  return count_ == 0 ? std::nullopt : if_finite(divide(sum_y_, static_cast<double>(count_)).value());
}
std::optional<double> CoMoments::variance_x() const { return count_ < 2 ? std::nullopt : if_finite(xx_ / static_cast<double>(count_ - 1)); }
std::optional<double> CoMoments::variance_y() const { return count_ < 2 ? std::nullopt : if_finite(yy_ / static_cast<double>(count_ - 1)); }
std::optional<double> CoMoments::covariance() const { return count_ < 2 ? std::nullopt : if_finite(xy_ / static_cast<double>(count_ - 1)); }

std::optional<double> CoMoments::correlation() const {
  if (count_ < 2 || !(xx_ > 0) || !(yy_ > 0)) return std::nullopt;
  const double r = xy_ / std::sqrt(xx_) / std::sqrt(yy_);
  return std::isfinite(r) ? std::optional(std::clamp(r, -1.0, 1.0)) : std::nullopt;
}

void CoMoments::add_gathered() {
  if (x_.empty()) return;
  CoMoments batch(slot_x_, slot_y_);
  batch.count_ = static_cast<std::int64_t>(x_.size());
  batch.sum_x_ = sum_of(x_);
  batch.sum_y_ = sum_of(y_);
  const auto n = static_cast<double>(x_.size());
  const double center_x = divide(batch.sum_x_, n).value();
  const double center_y = divide(batch.sum_y_, n).value();
  std::array<double, k_sum_lanes> dx{}, dy{}, xx{}, yy{}, xy{};
  const auto take = [&](std::size_t i, std::size_t lane) {
    const double a = x_[i] - center_x;
    const double b = y_[i] - center_y;
    dx[lane] += a;
    dy[lane] += b;
    xx[lane] += a * a;
    yy[lane] += b * b;
    xy[lane] += a * b;
  };
  std::size_t i = 0;
  for (; i + k_sum_lanes <= x_.size(); i += k_sum_lanes) {
    for (std::size_t lane = 0; lane < k_sum_lanes; ++lane) take(i + lane, lane);
  }
  for (; i < x_.size(); ++i) take(i, i % k_sum_lanes);
  const auto total = [](const std::array<double, k_sum_lanes>& lanes) { return std::accumulate(lanes.begin(), lanes.end(), 0.0); };
  // What is left between the centers and the exact means; a column without spread has exactly none.
  const double ex = total(dx) / n;
  const double ey = total(dy) / n;
  const bool flat_x = is_constant(x_);
  const bool flat_y = is_constant(y_);
  batch.xx_ = flat_x ? 0 : std::max(0.0, total(xx) - n * ex * ex);
  batch.yy_ = flat_y ? 0 : std::max(0.0, total(yy) - n * ey * ey);
  batch.xy_ = flat_x || flat_y ? 0 : total(xy) - n * ex * ey;
  combine(batch);
}

void CoMoments::combine(const CoMoments& later) {
  if (later.count_ == 0) return;
  if (count_ == 0) {
    count_ = later.count_;
    sum_x_ = later.sum_x_;
    sum_y_ = later.sum_y_;
    xx_ = later.xx_;
    yy_ = later.yy_;
    xy_ = later.xy_;
    return;
  }
  const auto a = static_cast<double>(count_);
  const auto b = static_cast<double>(later.count_);
  const auto step = [&](const DoubleDouble& mine, const DoubleDouble& other, double spread) {
    const DoubleDouble before = divide(mine, a);
    DoubleDouble difference = divide(other, b);
    difference.add(DoubleDouble{-before.high, -before.low});
    // Equal constants have sums of different lengths, whose quotients may differ in the last of 100 bits.
    const double scale = std::abs(before.high) * 0x1p-90;
    return spread == 0 && std::abs(difference.value()) <= scale ? 0 : difference.value();
  };
  const double dx = step(sum_x_, later.sum_x_, xx_ + later.xx_);
  const double dy = step(sum_y_, later.sum_y_, yy_ + later.yy_);
  const double weight = a * (b / (a + b));
  xx_ += later.xx_ + weight * dx * dx;
  yy_ += later.yy_ + weight * dy * dy;
  xy_ += later.xy_ + weight * dx * dy;
  count_ += later.count_;
  sum_x_.add(later.sum_x_);
  sum_y_.add(later.sum_y_);
}

void CoMoments::update(const table::Batch& batch, Selection rows) {
  const table::Column& x = batch.columns[static_cast<std::size_t>(slot_x_)];
  const table::Column& y = batch.columns[static_cast<std::size_t>(slot_y_)];
  x_.clear();
  y_.clear();
  for (std::int64_t row = 0; row < batch.num_rows; ++row) {
    if (!rows.contains(row)) continue;
    if (x.is_null(row) || y.is_null(row)) {
      ++nulls_;
      continue;
    }
    const double a = number_at(x, row);
    const double b = number_at(y, row);
    if (std::isfinite(a) && std::isfinite(b)) {
      x_.push_back(a);
      y_.push_back(b);
    } else {
      ++odd_;
    }
  }
  add_gathered();
}

void CoMoments::merge(const State& later) {
  const auto& other = same_kind<CoMoments>(later);
  combine(other);
  nulls_ += other.nulls_;
  odd_ += other.odd_;
}

void CoMoments::write(std::string& out) const {
  ByteWriter bytes;
  for (const std::int64_t whole : {count_, nulls_, odd_}) bytes.whole(static_cast<std::uint64_t>(whole));
  for (const double number : {sum_x_.high, sum_x_.low, sum_y_.high, sum_y_.low, xx_, yy_, xy_}) bytes.number(number);
  bytes.seal(format(), out);
}

Result<void> CoMoments::read(std::string_view bytes) {
  *this = CoMoments(slot_x_, slot_y_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  CoMoments fresh(slot_x_, slot_y_);
  for (std::int64_t* whole : {&fresh.count_, &fresh.nulls_, &fresh.odd_}) *whole = in.count();
  for (double* number : {&fresh.sum_x_.high, &fresh.sum_x_.low, &fresh.sum_y_.high, &fresh.sum_y_.low, &fresh.xx_, &fresh.yy_, &fresh.xy_}) {
    *number = in.number();
  }
  in.expect(!std::isnan(fresh.sum_x_.high) && std::isfinite(fresh.sum_x_.low) && !std::isnan(fresh.sum_y_.high) && std::isfinite(fresh.sum_y_.low));
  in.expect(!(fresh.xx_ < 0) && !(fresh.yy_ < 0));  // an overflow may have made them NaN or infinite
  in.expect(fresh.count_ > 0 || (fresh.sum_x_.value() == 0 && fresh.sum_y_.value() == 0 && fresh.xx_ == 0 && fresh.yy_ == 0 && fresh.xy_ == 0));
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
