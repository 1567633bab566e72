#include "states/histogram.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/invariant.h"
#include "base/text.h"
#include "states/byte_form.h"
#include "states/numbers_of.h"

namespace cupel::states {

namespace {
constexpr std::int64_t k_most = std::int64_t{1} << 50;  // values of one count, in anybody's bytes: sums of counts stay far from overflow
}

Histogram::Histogram(int slot, std::vector<double> edges) : slot_(slot), edges_(std::move(edges)) {
  CHECK(edges_.size() >= 2, "a histogram of {} edges", edges_.size());
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    CHECK(std::isfinite(edges_[i]) && (i == 0 || edges_[i - 1] < edges_[i]), "edge {} of a histogram is {}", i, edges_[i]);
  }
  counts_.assign(edges_.size() - 1, 0);
  const double per_unit = static_cast<double>(counts_.size()) / (edges_.back() - edges_.front());
  if (std::isfinite(per_unit)) bins_per_unit_ = per_unit;
}

Result<std::vector<double>> Histogram::equal_edges(double low, double high, int num_bins) {
  const auto wrong = [&](std::string_view why) {
    return fail("{} bins from {} to {}: {}", num_bins, number_text(low), number_text(high), why);
  };
  if (num_bins < 1) return wrong("expected at least 1");
  if (!std::isfinite(low) || !std::isfinite(high) || !(low < high)) return wrong("expected finite ends, the lower one first");
  std::vector<double> edges(static_cast<std::size_t>(num_bins) + 1);
  for (int i = 0; i <= num_bins; ++i) {
    edges[static_cast<std::size_t>(i)] = std::lerp(low, high, static_cast<double>(i) / num_bins);
    if (i > 0 && !(edges[static_cast<std::size_t>(i) - 1] < edges[static_cast<std::size_t>(i)])) return wrong("narrower than numbers can be told apart");
  }
  return edges;
}

std::int64_t Histogram::count() const { return std::accumulate(counts_.begin(), counts_.end(), below_ + above_); }

void Histogram::add(double value) {
  if (value < edges_.front()) {
    ++below_;
    return;
  }
  if (value > edges_.back()) {
    ++above_;
    return;
  }
  // Right at once where the bins are equally wide, but for a rounding; the edges decide.
  const std::size_t last = counts_.size() - 1;
  std::size_t bin = bins_per_unit_ > 0 ? std::min(last, static_cast<std::size_t>((value - edges_.front()) * bins_per_unit_)) : 0;
  if (value < edges_[bin] || (bin < last && value >= edges_[bin + 1])) {
    const auto after = std::upper_bound(edges_.begin(), edges_.end(), value);
    bin = std::min(last, static_cast<std::size_t>(after - edges_.begin()) - 1);
  }
  ++counts_[bin];
}

void Histogram::update(const table::Batch& batch, Selection rows) {
  const table::Column& column = batch.columns[static_cast<std::size_t>(slot_)];
  const Passed passed = for_each_number(column, batch.num_rows, rows, [&](double value) { add(value); });
  nulls_ += passed.nulls;
  nans_ += passed.nans;
}

void Histogram::merge(const State& later) {
  const auto& other = same_kind<Histogram>(later);
  CHECK(other.edges_ == edges_, "histograms of other edges to merge, {} and {} of them", edges_.size(), other.edges_.size());
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  below_ += other.below_;
  above_ += other.above_;
  nulls_ += other.nulls_;
  nans_ += other.nans_;
}

void Histogram::clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  below_ = above_ = nulls_ = nans_ = 0;
}

void Histogram::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(edges_.size());
  for (const double edge : edges_) bytes.number(edge);
  for (const std::int64_t count : counts_) bytes.whole(static_cast<std::uint64_t>(count));
  for (const std::int64_t count : {below_, above_, nulls_, nans_}) bytes.whole(static_cast<std::uint64_t>(count));
  bytes.seal(format(), out);
}

Result<void> Histogram::read(std::string_view bytes) {
  clear();
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  Histogram fresh = *this;
  in.expect(in.whole() == edges_.size());
  if (!in.failed()) {
    for (const double edge : edges_) in.expect(in.number() == edge);
  }
  const auto next = [&](std::int64_t& count) {
    count = in.count();
    in.expect(count < k_most);
  };
  for (std::int64_t& count : fresh.counts_) next(count);
  for (std::int64_t* count : {&fresh.below_, &fresh.above_, &fresh.nulls_, &fresh.nans_}) next(*count);
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
