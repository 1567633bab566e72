#include "stats/correlation.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "base/invariant.h"

namespace cupel::stats {
namespace {

void check_pairs(std::span<const double> x, std::span<const double> y) { CHECK(x.size() == y.size(), "{} values beside {}", x.size(), y.size()); }

// Compensated (Neumaier 1974): a large offset costs no digits.
double mean_of(std::span<const double> values) {
  double sum = 0;
  double lost = 0;
  for (const double value : values) {
    const double next = sum + value;
    lost += std::abs(sum) >= std::abs(value) ? (sum - next) + value : (value - next) + sum;
    sum = next;
  }
  return (sum + lost) / static_cast<double>(values.size());
}

std::vector<double> mid_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = static_cast<double>(begin + end + 1) / 2;
    begin = end;
  }
  return ranks;
}

// Pairs of equal neighbours in a sorted sequence, in the sense of `same`.
template <typename Same>
std::int64_t tied_pairs(std::size_t n, Same same) {
  std::int64_t pairs = 0;
  for (std::size_t begin = 0; begin < n;) {
    std::size_t end = begin + 1;
    while (end < n && same(begin, end)) ++end;
    const auto run = static_cast<std::int64_t>(end - begin);
    pairs += run * (run - 1) / 2;
    begin = end;
  }
  return pairs;
}

// Sorts and counts the exchanges that insertion would have needed.
std::int64_t sort_counting(std::vector<double>& values, std::vector<double>& scratch, std::size_t begin, std::size_t end) {
  if (end - begin < 2) return 0;
  const std::size_t middle = begin + (end - begin) / 2;
  std::int64_t exchanges = sort_counting(values, scratch, begin, middle) + sort_counting(values, scratch, middle, end);
  std::size_t left = begin;
  std::size_t right = middle;
  for (std::size_t at = begin; at < end; ++at) {
    if (right == end || (left < middle && values[left] <= values[right])) {
      scratch[at] = values[left++];
    } else {
      exchanges += static_cast<std::int64_t>(middle - left);
      scratch[at] = values[right++];
    }
  }
  std::copy(scratch.begin() + static_cast<std::ptrdiff_t>(begin), scratch.begin() + static_cast<std::ptrdiff_t>(end), values.begin() + static_cast<std::ptrdiff_t>(begin));
  return exchanges;
}

}  // namespace

std::optional<double> pearson(std::span<const double> x, std::span<const double> y) {
  check_pairs(x, y);
  if (x.size() < 2) return std::nullopt;
  const double mean_x = mean_of(x);
  const double mean_y = mean_of(y);
  double xx = 0;
  double yy = 0;
  double xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double dx = x[i] - mean_x;
    const double dy = y[i] - mean_y;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  if (!(xx > 0) || !(yy > 0) || !std::isfinite(xx) || !std::isfinite(yy)) return std::nullopt;
  return std::clamp(xy / (std::sqrt(xx) * std::sqrt(yy)), -1.0, 1.0);
}

std::optional<double> spearman(std::span<const double> x, std::span<const double> y) {
  check_pairs(x, y);
  return pearson(mid_ranks(x), mid_ranks(y));
}

std::optional<double> kendall(std::span<const double> x, std::span<const double> y) {
  check_pairs(x, y);
  const std::size_t n = x.size();
  if (n < 2) return std::nullopt;
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return x[a] != x[b] ? x[a] < x[b] : y[a] < y[b]; });
  const auto same_x = [&](std::size_t a, std::size_t b) { return x[order[a]] == x[order[b]]; };
  const std::int64_t tied_x = tied_pairs(n, same_x);
  const std::int64_t tied_both = tied_pairs(n, [&](std::size_t a, std::size_t b) { return same_x(a, b) && y[order[a]] == y[order[b]]; });
  std::vector<double> sorted_y(n);
  for (std::size_t i = 0; i < n; ++i) sorted_y[i] = y[order[i]];
  std::vector<double> scratch(n);
  const std::int64_t discordant = sort_counting(sorted_y, scratch, 0, n);
  const std::int64_t tied_y = tied_pairs(n, [&](std::size_t a, std::size_t b) { return sorted_y[a] == sorted_y[b]; });
  const auto count = static_cast<std::int64_t>(n);
  const std::int64_t all = count * (count - 1) / 2;
  if (tied_x == all || tied_y == all) return std::nullopt;
  const std::int64_t difference = all - tied_x - tied_y + tied_both - 2 * discordant;
  return static_cast<double>(difference) / (std::sqrt(static_cast<double>(all - tied_x)) * std::sqrt(static_cast<double>(all - tied_y)));
}

}  // namespace cupel::stats
