#include "stats/ks.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/invariant.h"
#include "base/random.h"
#include "stats/ks_distribution.h"

namespace cupel::stats {
namespace {

constexpr double k_exact_work = 3e7;          // cells of the path count: about 0.1 s
constexpr std::size_t k_few_values = 1000;    // pooled distinct values whose limit is simulated
constexpr double k_simulation_budget = 2e6;   // normal variates
constexpr std::size_t k_bridge_points = 100;  // of each sample

struct Distance {
  std::int64_t scaled = 0;  ///< max |i m - j n|, a whole number: D n m
  std::int64_t n = 0;
  std::int64_t m = 0;
};

/// The pooled groups of equal values: how many there are, the largest, and the sizes of the first few.
struct Groups {
  std::int64_t count = 0;
  std::int64_t widest = 0;
  std::vector<std::int64_t> first{};
  void add(std::int64_t size) {
    if (size == 0) return;
    ++count;
    widest = std::max(widest, size);
    if (first.size() < k_few_values) first.push_back(size);
  }
};

/// One group after the other, with what came before it.
class Walk {
 public:
  Walk(std::int64_t n, std::int64_t m) : d_{0, n, m} {}
  /// True if the distance is the largest so far.
  bool add(std::int64_t x, std::int64_t y) {
    i_ += x;
    j_ += y;
    groups_.add(x + y);
    const std::int64_t scaled = std::abs(i_ * d_.m - j_ * d_.n);
    const bool larger = scaled > d_.scaled;
    if (larger) d_.scaled = scaled;
    return larger;
  }
  const Distance& distance() const { return d_; }
  const Groups& groups() const { return groups_; }

 private:
  Distance d_;
  Groups groups_;
  std::int64_t i_ = 0;
  std::int64_t j_ = 0;
};

/// Probability that a random split of the pooled values into n and m reaches the distance at the end of some group of ties. A state is
/// the number i of the first s pooled values that fell to x; those that reach it leave the state and are added up, so that small
/// p-values keep their digits.
double exact_tail(const Distance& d, std::span<const std::int64_t> group_sizes) {
  const std::int64_t total = d.n + d.m;
  std::vector<double> mass(static_cast<std::size_t>(d.n) + 1);
  mass[0] = 1;
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::int64_t s = 0;
  double reached = 0;
  for (const std::int64_t size : group_sizes) {
    for (std::int64_t step = 0; step < size; ++step, ++s) {
      const double scale = 1.0 / static_cast<double>(total - s);
      high = std::min(high + 1, d.n);
      low = std::max(low, s + 1 - d.m);
      for (std::int64_t i = high; i >= low; --i) {
        // From (i, s - i) by a y, or from (i - 1, s - i + 1) by an x.
        const double by_y = s - i >= 0 ? mass[static_cast<std::size_t>(i)] * static_cast<double>(d.m - (s - i)) : 0;
        const double by_x = i > 0 ? mass[static_cast<std::size_t>(i - 1)] * static_cast<double>(d.n - (i - 1)) : 0;
        mass[static_cast<std::size_t>(i)] = (by_y + by_x) * scale;
      }
      if (low > 0) mass[static_cast<std::size_t>(low - 1)] = 0;
    }
    const auto reaches = [&](std::int64_t i) { return std::abs(i * d.m - (s - i) * d.n) >= d.scaled; };
    for (; low <= high && reaches(low) && low * d.m < (s - low) * d.n; ++low) {
      reached += mass[static_cast<std::size_t>(low)];
      mass[static_cast<std::size_t>(low)] = 0;
    }
    for (; low <= high && reaches(high); --high) {
      reached += mass[static_cast<std::size_t>(high)];
      mass[static_cast<std::size_t>(high)] = 0;
    }
    if (low > high) break;
  }
  return std::clamp(reached, 0.0, 1.0);
}

/// The limit of the statistic when it is looked at only at few points: a Brownian bridge at the pooled cumulative shares.
double simulated_tail(double t, std::span<const std::int64_t> group_sizes, const Simulation& simulation, int draws) {
  const auto total = static_cast<double>(std::accumulate(group_sizes.begin(), group_sizes.end(), std::int64_t{0}));
  std::vector<double> path(group_sizes.size());
  int reached = 0;
  for (int draw = 0; draw < draws; ++draw) {
    Random random(simulation.seed, simulation.purpose + "/ks", static_cast<std::uint64_t>(draw));
    double walk = 0;
    for (std::size_t k = 0; k < path.size(); ++k) {
      walk += std::sqrt(static_cast<double>(group_sizes[k]) / total) * random.normal();
      path[k] = walk;
    }
    std::int64_t seen = 0;
    for (std::size_t k = 0; k < path.size(); ++k) {
      seen += group_sizes[k];
      if (std::abs(path[k] - static_cast<double>(seen) / total * walk) >= t) {
        ++reached;
        break;
      }
    }
  }
  return (1.0 + reached) / (1.0 + draws);
}

/// `all_sizes` gives the sizes of all groups: asked for only when the p-value is exact, which few values are.
template <typename AllSizes>
KsTest test_of(const Distance& d, const Groups& groups, const Simulation& simulation, AllSizes&& all_sizes) {
  KsTest test;
  const double product = static_cast<double>(d.n) * static_cast<double>(d.m);
  test.statistic = static_cast<double>(d.scaled) / product;
  if (d.scaled == 0) return test;
  const auto steps = static_cast<double>(d.n + d.m);
  const double band = std::min(static_cast<double>(std::min(d.n, d.m)), 2 * test.statistic * product / steps + static_cast<double>(groups.widest));
  if (steps * band <= k_exact_work) {
    test.p_value = exact_tail(d, all_sizes());
    return test;
  }
  const double t = test.statistic * std::sqrt(product / static_cast<double>(d.n + d.m));
  if (groups.count <= static_cast<std::int64_t>(k_few_values)) {
    test.method = PValueMethod::simulated;
    const double affordable = std::max(999.0, k_simulation_budget / static_cast<double>(groups.count));
    const int draws = static_cast<int>(std::min(static_cast<double>(simulation.draws), affordable));
    test.p_value = simulated_tail(t, groups.first, simulation, draws);
    return test;
  }
  test.method = PValueMethod::asymptotic;
  test.p_value = kolmogorov_survival(t);
  return test;
}

tl::unexpected<Error> empty_sample(std::size_t n, std::size_t m) {
  return fail("{} and {} values to compare, expected at least 1 in each sample", n, m);
}

}  // namespace

Result<KsTest> ks_one_sample(const Ascending& sample, const std::function<double(double)>& cdf) {
  if (sample.empty()) return fail("no values to compare with the stated distribution, expected at least 1");
  const auto n = static_cast<double>(sample.size());
  KsTest test;
  std::int64_t before = 0;
  sample.for_each([&](const Ascending::Group& group) {
    const double f = cdf(group.value);
    const double distance = std::max(f - static_cast<double>(before) / n, static_cast<double>(before + group.count) / n - f);
    before += group.count;
    if (distance > test.statistic) {
      test.statistic = distance;
      test.location = group.value;
    }
  });
  test.p_value = ks_survival(sample.size(), test.statistic);
  if (sample.size() > 140) test.method = PValueMethod::asymptotic;
  return test;
}

Result<KsTest> ks_one_sample(std::span<const double> sorted, const std::function<double(double)>& cdf) { return ks_one_sample(AscendingValues(sorted), cdf); }

Result<KsTest> ks_two_sample(const Ascending& x, const Ascending& y, const Simulation& simulation) {
  if (x.empty() || y.empty()) return empty_sample(static_cast<std::size_t>(x.size()), static_cast<std::size_t>(y.size()));
  Walk walk(x.size(), y.size());
  double location = 0;
  bool first = true;
  for_each_pooled(x, y, [&](double value, std::int64_t of_x, std::int64_t of_y) {
    if (walk.add(of_x, of_y) || first) location = value;
    first = false;
  });
  KsTest test = test_of(walk.distance(), walk.groups(), simulation, [&] {
    std::vector<std::int64_t> sizes;
    for_each_pooled(x, y, [&](double, std::int64_t of_x, std::int64_t of_y) { sizes.push_back(of_x + of_y); });
    return sizes;
  });
  test.location = location;
  return test;
}

Result<KsTest> ks_two_sample(std::span<const double> sorted_x, std::span<const double> sorted_y, const Simulation& simulation) {
  return ks_two_sample(AscendingValues(sorted_x), AscendingValues(sorted_y), simulation);
}

Result<KsTest> ks_two_sample_counts(std::span<const std::int64_t> x, std::span<const std::int64_t> y, const Simulation& simulation) {
  CHECK(x.size() == y.size(), "{} against {} values", x.size(), y.size());
  Walk walk(std::accumulate(x.begin(), x.end(), std::int64_t{0}), std::accumulate(y.begin(), y.end(), std::int64_t{0}));
  const Distance& d = walk.distance();
  if (d.n == 0 || d.m == 0) return empty_sample(static_cast<std::size_t>(d.n), static_cast<std::size_t>(d.m));
  std::size_t location = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    if (walk.add(x[k], y[k])) location = k;
  }
  KsTest test = test_of(d, walk.groups(), simulation, [&] {
    std::vector<std::int64_t> sizes;
    for (std::size_t k = 0; k < x.size(); ++k) {
      if (x[k] + y[k] > 0) sizes.push_back(x[k] + y[k]);
    }
    return sizes;
  });
  test.location = static_cast<double>(location);
  return test;
}

double ks_two_sample_asymptotic(double d, std::int64_t n, std::int64_t m) {
  const auto a = static_cast<double>(n);
  const auto b = static_cast<double>(m);
  return kolmogorov_survival(d * std::sqrt(a * b / (a + b)));
}

DistanceInterval ks_distance_interval(double d, std::int64_t n, double confidence) {
  const double half_width = ks_quantile(confidence, n);
  return {d, {std::max(0.0, d - half_width), std::min(1.0, d + half_width), confidence}};
}

namespace {

/// Shares of x at most `grid` values, as increments of its distribution function.
std::vector<double> increments_at(const Ascending& sample, std::span<const double> grid) {
  std::vector<double> increments;
  double before = 0;
  for (const std::int64_t upto : ranks_of(sample, grid)) {
    const double f = static_cast<double>(upto) / static_cast<double>(sample.size());
    increments.push_back(f - before);
    before = f;
  }
  return increments;
}

/// A Brownian bridge at the cumulative sums of `increments`, divided by sqrt(n), added to `path` with this sign.
void add_bridge(Random& random, std::span<const double> increments, double scale, std::span<double> path) {
  double walk = 0;
  std::vector<double> steps(increments.size());
  for (std::size_t k = 0; k < increments.size(); ++k) {
    walk += std::sqrt(increments[k]) * random.normal();
    steps[k] = walk;
  }
  double time = 0;
  for (std::size_t k = 0; k < increments.size(); ++k) {
    time += increments[k];
    path[k] += scale * (steps[k] - time * walk);
  }
}

}  // namespace

DistanceInterval ks_distance_interval(std::span<const double> sorted_x, std::span<const double> sorted_y, double d, double confidence,
                                      const Simulation& simulation) {
  return ks_distance_interval(AscendingValues(sorted_x), AscendingValues(sorted_y), d, confidence, simulation);
}

DistanceInterval ks_distance_interval(const Ascending& x, const Ascending& y, double d, double confidence, const Simulation& simulation) {
  const std::int64_t n = x.size();
  const std::int64_t m = y.size();
  CHECK(n > 0 && m > 0, "{} and {} values", n, m);
  const auto around = [&](double half_width) {
    return DistanceInterval{d, {std::max(0.0, d - half_width), std::min(1.0, d + half_width), confidence}};
  };
  const double each = 1 - (1 - confidence) / 2;
  if (std::min(n, m) < 50) return around(ks_quantile(each, n) + ks_quantile(each, m));

  std::vector<double> grid;
  for (const Ascending* sample : {&x, &y}) {
    std::vector<std::int64_t> positions;
    for (std::int64_t k = 1; k <= static_cast<std::int64_t>(k_bridge_points); ++k) positions.push_back((k * sample->size() - 1) / static_cast<std::int64_t>(k_bridge_points));
    const std::vector<double> values = values_at(*sample, positions);
    grid.insert(grid.end(), values.begin(), values.end());
  }
  std::sort(grid.begin(), grid.end());
  grid.erase(std::unique(grid.begin(), grid.end()), grid.end());
  const std::vector<double> steps_x = increments_at(x, grid);
  const std::vector<double> steps_y = increments_at(y, grid);
  const double scale_x = 1 / std::sqrt(static_cast<double>(n));
  const double scale_y = 1 / std::sqrt(static_cast<double>(m));
  constexpr int k_draws = 999;
  std::vector<double> suprema(k_draws);
  std::vector<double> path(grid.size());
  for (int draw = 0; draw < k_draws; ++draw) {
    Random random(simulation.seed, simulation.purpose + "/ks interval", static_cast<std::uint64_t>(draw));
    std::fill(path.begin(), path.end(), 0.0);
    add_bridge(random, steps_x, scale_x, path);
    add_bridge(random, steps_y, -scale_y, path);
    double supremum = 0;
    for (const double value : path) supremum = std::max(supremum, std::abs(value));
    suprema[static_cast<std::size_t>(draw)] = supremum;
  }
  std::sort(suprema.begin(), suprema.end());
  const auto rank = static_cast<std::size_t>(std::min<double>(k_draws, std::ceil(confidence * (k_draws + 1))));
  // Between grid points the path may rise further: 0.5826 standard deviations of a step (Broadie, Glasserman and Kou 1997).
  const bool all_values = grid.size() < k_bridge_points;
  const double between = all_values ? 0 : 0.5826 * std::hypot(scale_x, scale_y) / std::sqrt(static_cast<double>(k_bridge_points));
  return around(suprema[rank - 1] + between);
}

}  // namespace cupel::stats
