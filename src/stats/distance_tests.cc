#include "stats/distance_tests.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/invariant.h"
#include "base/random.h"
#include "stats/divergences.h"
#include "stats/random_counts.h"
#include "stats/sample_moments.h"

namespace cupel::stats {
namespace {

constexpr double k_draw_budget = 2e6;  // categories or values drawn in all: below a second

std::int64_t sum_of_counts(std::span<const std::int64_t> counts) { return std::accumulate(counts.begin(), counts.end(), std::int64_t{0}); }

std::vector<double> shares_of(std::span<const std::int64_t> counts, double added) {
  const double total = static_cast<double>(sum_of_counts(counts)) + added * static_cast<double>(counts.size());
  std::vector<double> shares;
  for (const std::int64_t count : counts) shares.push_back((static_cast<double>(count) + added) / total);
  return shares;
}

double distance_of(ShareDistance kind, std::span<const double> reference, std::span<const double> current) {
  switch (kind) {
    case ShareDistance::hellinger: return hellinger(reference, current);
    case ShareDistance::jensen_shannon: return jensen_shannon_distance_base2(reference, current);
    case ShareDistance::kullback_leibler: return kullback_leibler(current, reference);
    case ShareDistance::l_infinity: {
      double largest = 0;
      for (std::size_t i = 0; i < reference.size(); ++i) largest = std::max(largest, std::abs(reference[i] - current[i]));
      return largest;
    }
    case ShareDistance::psi: {
      double sum = 0;
      for (std::size_t i = 0; i < reference.size(); ++i) sum += (current[i] - reference[i]) * std::log(current[i] / reference[i]);
      return sum;
    }
  }
  return 0;
}

bool needs_every_category(ShareDistance kind) { return kind == ShareDistance::kullback_leibler || kind == ShareDistance::psi; }
bool has_zero(std::span<const std::int64_t> counts) { return std::find(counts.begin(), counts.end(), 0) != counts.end(); }

int draws_for(const Simulation& simulation, double alpha, double cost_of_one) {
  const int least = static_cast<int>(std::ceil(2 / alpha)) - 1;  // enough to see a p-value below alpha
  return std::max(least, static_cast<int>(std::min<double>(std::min(simulation.draws, 999), k_draw_budget / std::max(1.0, cost_of_one))));
}

/// p-value and critical value from the distances under no change.
void fill(DistanceTest& test, std::vector<double> drawn, double alpha) {
  constexpr double k_tie = 1e-12;
  const auto reached = std::count_if(drawn.begin(), drawn.end(), [&](double d) { return d >= test.distance - k_tie; });
  test.draws = static_cast<int>(drawn.size());
  test.p_value = static_cast<double>(1 + reached) / static_cast<double>(1 + drawn.size());
  std::sort(drawn.begin(), drawn.end());
  test.critical = sorted_quantile(drawn, 1 - alpha);
}

}  // namespace

double share_distance(ShareDistance kind, std::span<const std::int64_t> reference, std::span<const std::int64_t> current) {
  CHECK(reference.size() == current.size() && sum_of_counts(reference) > 0 && sum_of_counts(current) > 0, "{} and {} categories", reference.size(), current.size());
  const double added = needs_every_category(kind) && (has_zero(reference) || has_zero(current)) ? 0.5 : 0;
  return distance_of(kind, shares_of(reference, added), shares_of(current, added));
}

double share_distance(ShareDistance kind, std::span<const double> shares, std::span<const std::int64_t> current) {
  CHECK(shares.size() == current.size() && sum_of_counts(current) > 0, "{} and {} categories", shares.size(), current.size());
  const auto rows = static_cast<double>(sum_of_counts(current));
  const bool zero = has_zero(current) || std::find(shares.begin(), shares.end(), 0.0) != shares.end();
  if (!needs_every_category(kind) || !zero) return distance_of(kind, shares, shares_of(current, 0));
  // The stated shares as if they were counts of as many rows.
  std::vector<double> smoothed;
  for (const double share : shares) smoothed.push_back((share * rows + 0.5) / (rows + 0.5 * static_cast<double>(shares.size())));
  return distance_of(kind, smoothed, shares_of(current, 0.5));
}

DistanceTest test_distance(ShareDistance kind, std::span<const std::int64_t> reference, std::span<const std::int64_t> current, double alpha, const Simulation& simulation) {
  DistanceTest test;
  test.distance = share_distance(kind, reference, current);
  std::vector<double> pooled;
  for (std::size_t i = 0; i < reference.size(); ++i) pooled.push_back(static_cast<double>(reference[i] + current[i]));
  const std::int64_t n = sum_of_counts(reference);
  const std::int64_t m = sum_of_counts(current);
  std::vector<double> drawn(static_cast<std::size_t>(draws_for(simulation, alpha, 2 * static_cast<double>(reference.size()))));
  std::vector<std::int64_t> a(reference.size());
  std::vector<std::int64_t> b(reference.size());
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    Random random(simulation.seed, simulation.purpose, i);
    random_multinomial(random, n, pooled, a);
    random_multinomial(random, m, pooled, b);
    drawn[i] = share_distance(kind, a, b);
  }
  fill(test, std::move(drawn), alpha);
  return test;
}

DistanceTest test_distance(ShareDistance kind, std::span<const double> shares, std::span<const std::int64_t> current, double alpha, const Simulation& simulation) {
  DistanceTest test;
  test.distance = share_distance(kind, shares, current);
  const std::int64_t m = sum_of_counts(current);
  std::vector<double> drawn(static_cast<std::size_t>(draws_for(simulation, alpha, static_cast<double>(shares.size()))));
  std::vector<std::int64_t> counts(shares.size());
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    Random random(simulation.seed, simulation.purpose, i);
    random_multinomial(random, m, shares, counts);
    drawn[i] = share_distance(kind, shares, counts);
  }
  fill(test, std::move(drawn), alpha);
  return test;
}

namespace {

/// Values at the drawn positions of both samples behind one another, found in one walk through each.
std::vector<double> drawn_values(const Ascending& reference, const Ascending& current, const std::vector<std::int64_t>& drawn) {
  std::vector<std::size_t> order(drawn.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return drawn[a] < drawn[b]; });
  std::vector<std::int64_t> of_reference;
  std::vector<std::int64_t> of_current;
  for (const std::size_t i : order) drawn[i] < reference.size() ? of_reference.push_back(drawn[i]) : of_current.push_back(drawn[i] - reference.size());
  std::vector<double> found = values_at(reference, of_reference);
  const std::vector<double> others = values_at(current, of_current);
  found.insert(found.end(), others.begin(), others.end());
  std::vector<double> values(drawn.size());
  for (std::size_t k = 0; k < order.size(); ++k) values[order[k]] = found[k];
  return values;
}

}  // namespace

std::optional<DistanceTest> test_wasserstein(std::span<const double> sorted_reference, std::span<const double> sorted_current, double alpha, const Simulation& simulation) {
  return test_wasserstein(AscendingValues(sorted_reference), AscendingValues(sorted_current), alpha, simulation);
}

std::optional<DistanceTest> test_wasserstein(const Ascending& reference, const Ascending& current, double alpha, const Simulation& simulation) {
  CHECK(!reference.empty() && !current.empty(), "an empty sample");
  const double spread = std::sqrt(sample_moments(reference).variance);
  if (!(spread > 0) || !std::isfinite(spread)) return std::nullopt;
  DistanceTest test;
  test.distance = wasserstein(reference, current) / spread;
  constexpr std::int64_t k_largest = 500;
  const std::int64_t n = std::min(reference.size(), k_largest);
  const std::int64_t m = std::min(current.size(), k_largest);
  const auto inverse = [](std::int64_t size) { return 1 / static_cast<double>(size); };
  const double scale = std::sqrt((inverse(reference.size()) + inverse(current.size())) / (inverse(n) + inverse(m))) / spread;
  std::vector<double> drawn(static_cast<std::size_t>(draws_for(simulation, alpha, static_cast<double>(n + m) * 10)));
  const auto all = static_cast<std::uint64_t>(reference.size() + current.size());
  std::vector<std::int64_t> positions;
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    Random random(simulation.seed, simulation.purpose, i);
    for (std::int64_t k = 0; k < n + m; ++k) positions.push_back(static_cast<std::int64_t>(random.below(all)));
  }
  std::vector<double> values = drawn_values(reference, current, positions);
  auto at = values.begin();
  for (double& distance : drawn) {
    std::sort(at, at + n);
    std::sort(at + n, at + n + m);
    distance = wasserstein(std::span(at, at + n), std::span(at + n, at + n + m)) * scale;
    at += n + m;
  }
  fill(test, std::move(drawn), alpha);
  return test;
}

}  // namespace cupel::stats
