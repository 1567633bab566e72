#include "states/sample.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "states/byte_form.h"
#include "states/kept_rows.h"

namespace cupel::states {
namespace {

constexpr double k_countable = 1 << 16;

// Whole numbers within a narrow range, as ratings and ages are, sort by counting.
bool sort_by_counting(std::vector<double>& values) {
  if (values.size() < 64) return false;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double first = *low;
  if (!(*high - first < k_countable) || std::floor(first) != first) return false;
  std::vector<std::int64_t> counts(static_cast<std::size_t>(*high - first) + 1, 0);
  for (const double value : values) {
    const auto at = static_cast<std::size_t>(value - first);
    if (first + static_cast<double>(at) != value) return false;
    ++counts[at];
  }
  auto out = values.begin();
  for (std::size_t at = 0; at < counts.size(); ++at) out = std::fill_n(out, counts[at], first + static_cast<double>(at));
  return true;
}

}  // namespace

struct Sample::Order {
  std::once_flag once;
  std::vector<double> sorted;
};

void Sample::changed() { order_ = std::make_shared<Order>(); }

const std::vector<double>& Sample::sorted() const {
  static const std::vector<double> k_none;
  if (order_ == nullptr) return k_none;
  std::call_once(order_->once, [this] {
    order_->sorted = values_;
    if (!sort_by_counting(order_->sorted)) std::sort(order_->sorted.begin(), order_->sorted.end());
  });
  return order_->sorted;
}

std::optional<double> Sample::quantile(double p) const {
  const std::vector<double>& all = sorted();
  if (all.empty()) return std::nullopt;
  const double at = p * static_cast<double>(all.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const double part = at - static_cast<double>(below);
  if (part == 0 || below + 1 == all.size() || std::isinf(all[below])) return all[below];
  return std::lerp(all[below], all[below + 1], part);
}

void Sample::update(const table::Batch& batch, Selection rows) {
  const table::Column& column = batch.columns[static_cast<std::size_t>(slot_)];
  changed();
  const auto null = [&](std::int64_t) { ++nulls_; };
  switch (column.type) {
    case table::Type::number: {
      const double* numbers = column.numbers();
      const auto take = [&](std::int64_t row) {
        if (std::isnan(numbers[row])) {
          ++nans_;
        } else {
          values_.push_back(numbers[row]);
        }
      };
      return for_each_kept(column, batch.num_rows, rows, take, null);
    }
    case table::Type::boolean:
      return for_each_kept(
          column, batch.num_rows, rows, [&](std::int64_t row) { values_.push_back(column.booleans()[row]); }, null);
    case table::Type::integer:
    case table::Type::timestamp: {
      const auto take = [&](std::int64_t row) { values_.push_back(static_cast<double>(column.integers()[row])); };
      return for_each_kept(column, batch.num_rows, rows, take, null);
    }
    case table::Type::text:
      return for_each_kept(
          column, batch.num_rows, rows, [&](std::int64_t) { ++nans_; }, null);
  }
}

void Sample::merge(const State& later) {
  const auto& other = same_kind<Sample>(later);
  changed();
  values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  nulls_ += other.nulls_;
  nans_ += other.nans_;
}

void Sample::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(static_cast<std::uint64_t>(nulls_));
  bytes.whole(static_cast<std::uint64_t>(nans_));
  bytes.whole(values_.size());
  for (const double value : values_) bytes.number(value);
  bytes.seal(format(), out);
}

Result<void> Sample::read(std::string_view bytes) {
  *this = Sample(slot_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  Sample fresh(slot_);
  fresh.nulls_ = in.count();
  fresh.nans_ = in.count();
  fresh.values_.resize(static_cast<std::size_t>(in.count_of(8)));
  for (double& value : fresh.values_) {
    value = in.number();
    in.expect(!std::isnan(value));
  }
  TRY(in.finish());
  fresh.changed();
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
