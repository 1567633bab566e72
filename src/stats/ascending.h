#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace cupel::stats {

/// A sample in ascending order that need not fit into memory: equal values come as one group. No NaN, and 0 for -0.
class Ascending {
 public:
  struct Group {
    double value = 0;
    std::int64_t count = 0;  ///< more than 0
  };
  /// One way through the groups.
  class Cursor {
   public:
    virtual ~Cursor() = default;
    /// The next group, or false at the end.
    virtual bool next(Group& group) = 0;
  };

  virtual ~Ascending() = default;
  /// Values in all.
  virtual std::int64_t size() const = 0;
  /// A walk from the least value. Several may be under way at a time; each lives no longer than the sample, unchanged.
  virtual std::unique_ptr<Cursor> walk() const = 0;

  bool empty() const { return size() == 0; }
  /// Calls `take(group)` for every group.
  template <typename Take>
  void for_each(Take&& take) const {
    const std::unique_ptr<Cursor> cursor = walk();
    for (Group group; cursor->next(group);) take(group);
  }
};

/// Ascending values in memory (CHECKs the order at the first walk, and that there is no NaN).
class AscendingValues : public Ascending {
 public:
  explicit AscendingValues(std::span<const double> sorted);
  std::int64_t size() const override { return static_cast<std::int64_t>(sorted_.size()); }
  std::unique_ptr<Cursor> walk() const override;

 private:
  std::span<const double> sorted_;
};

/// The values at these positions from 0, which ascend, may repeat and are below size(): one walk, no further than the last.
std::vector<double> values_at(const Ascending& sample, std::span<const std::int64_t> positions);

/// How many values are at most each of these bounds, which ascend: one walk.
std::vector<std::int64_t> ranks_of(const Ascending& sample, std::span<const double> bounds);

/// Walks through two samples side by side: calls `take(value, count in x, count in y)` for every value of either.
template <typename Take>
void for_each_pooled(const Ascending& x, const Ascending& y, Take&& take) {
  const auto walk_x = x.walk();
  const auto walk_y = y.walk();
  Ascending::Group at_x;
  Ascending::Group at_y;
  bool has_x = walk_x->next(at_x);
  bool has_y = walk_y->next(at_y);
  while (has_x || has_y) {
    const double value = !has_y || (has_x && at_x.value <= at_y.value) ? at_x.value : at_y.value;
    std::int64_t count_x = 0;
    std::int64_t count_y = 0;
    if (has_x && at_x.value == value) {
      count_x = at_x.count;
      has_x = walk_x->next(at_x);
    }
    if (has_y && at_y.value == value) {
      count_y = at_y.count;
      has_y = walk_y->next(at_y);
    }
    take(value, count_x, count_y);
  }
}

}  // namespace cupel::stats
