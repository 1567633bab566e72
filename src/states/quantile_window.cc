#include "states/quantile_window.h"

#include <algorithm>
#include <cmath>

#include "states/numbers_of.h"

namespace cupel::states {

namespace {
constexpr std::int64_t k_most = std::int64_t{1} << 60;  // values, in bytes of anybody's
}

void QuantileWindow::update(const table::Batch& batch, Selection rows) {
  const table::Column& column = batch.columns[static_cast<std::size_t>(slot_)];
  const Passed passed = for_each_number(column, batch.num_rows, rows, [&](double value) {
    if (value < low_) {
      ++below_;
    } else if (value > high_) {
      ++above_;
    } else {
      inside_.add(value);
    }
  });
  inside_.add_null(passed.nulls);
  inside_.add_nan(passed.nans);
}

void QuantileWindow::merge(const State& later) {
  const auto& other = same_kind<QuantileWindow>(later);
  below_ += other.below_;
  above_ += other.above_;
  inside_.merge(other.inside_);
}

// Within a sketched window position i of all is position i - below of those inside: the quantile there, exactly at a kept position.
std::optional<Estimate> QuantileWindow::value_at(std::int64_t at) const {
  const std::int64_t position = at - below_;
  if (position < 0 || position >= inside_.count()) return std::nullopt;
  if (inside_.is_exact()) return Estimate::exactly(inside_.at(position));
  return inside_.quantile(inside_.count() == 1 ? 0 : static_cast<double>(position) / static_cast<double>(inside_.count() - 1));
}

std::optional<Estimate> QuantileWindow::quantile(double p) const {
  if (count() == 0) return std::nullopt;
  const double position = p * static_cast<double>(count() - 1);
  const auto below = static_cast<std::int64_t>(position);
  const double part = position - static_cast<double>(below);
  const std::optional<Estimate> left = value_at(below);
  if (!left || part == 0 || below + 1 == count() || std::isinf(left->value)) return left;
  const std::optional<Estimate> right = value_at(below + 1);
  if (!right) return std::nullopt;
  const double value = std::lerp(left->value, right->value, part);
  if (left->is_exact() && right->is_exact()) return Estimate::exactly(value);
  return Estimate{value, left->low, right->high, std::min(left->confidence, right->confidence)};
}

void QuantileWindow::write(std::string& out) const {
  ByteWriter bytes;
  bytes.number(low_);
  bytes.number(high_);
  bytes.whole(static_cast<std::uint64_t>(below_));
  bytes.whole(static_cast<std::uint64_t>(above_));
  inside_.write_content(bytes);
  bytes.seal(format(), out);
}

Result<void> QuantileWindow::read(std::string_view bytes) {
  below_ = above_ = 0;
  inside_ = inside_.emptied();
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  QuantileWindow fresh = *this;
  in.expect(in.number() == low_);
  in.expect(in.number() == high_);
  fresh.below_ = in.count();
  fresh.above_ = in.count();
  in.expect(fresh.below_ < k_most && fresh.above_ < k_most);
  fresh.inside_.read_content(in);
  if (fresh.inside_.count() > 0) in.expect(*fresh.inside_.min() >= low_ && *fresh.inside_.max() <= high_);
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
