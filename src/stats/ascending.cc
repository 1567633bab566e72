#include "stats/ascending.h"

#include <algorithm>
#include <cmath>

#include "base/invariant.h"

namespace cupel::stats {
namespace {

class SpanCursor : public Ascending::Cursor {
 public:
  explicit SpanCursor(std::span<const double> sorted) : sorted_(sorted) {}
  bool next(Ascending::Group& group) override {
    if (at_ == sorted_.size()) return false;
    group = {sorted_[at_] + 0.0, 0};
    for (; at_ < sorted_.size() && sorted_[at_] == group.value; ++at_) ++group.count;
    return true;
  }

 private:
  std::span<const double> sorted_;
  std::size_t at_ = 0;
};

}  // namespace

AscendingValues::AscendingValues(std::span<const double> sorted) : sorted_(sorted) {
  CHECK(sorted.empty() || !std::isnan(sorted.back()), "NaN in a sample");
  CHECK(std::is_sorted(sorted.begin(), sorted.end()), "sample of {} is not sorted", sorted.size());
}

std::unique_ptr<Ascending::Cursor> AscendingValues::walk() const { return std::make_unique<SpanCursor>(sorted_); }

std::vector<double> values_at(const Ascending& sample, std::span<const std::int64_t> positions) {
  std::vector<double> values;
  values.reserve(positions.size());
  const auto cursor = sample.walk();
  Ascending::Group group;
  std::int64_t behind = 0;  // position behind the group
  for (const std::int64_t position : positions) {
    while (behind <= position) {
      CHECK(cursor->next(group), "position {} of {} values", position, sample.size());
      behind += group.count;
    }
    values.push_back(group.value);
  }
  return values;
}

std::vector<std::int64_t> ranks_of(const Ascending& sample, std::span<const double> bounds) {
  std::vector<std::int64_t> ranks(bounds.size(), 0);
  std::size_t at = 0;
  std::int64_t rank = 0;
  sample.for_each([&](const Ascending::Group& group) {
    for (; at < bounds.size() && bounds[at] < group.value; ++at) ranks[at] = rank;
    rank += group.count;
  });
  for (; at < bounds.size(); ++at) ranks[at] = rank;
  return ranks;
}

}  // namespace cupel::stats
