#include "stats/random_counts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "stats/chi_square.h"
#include "stats/distributions.h"

namespace cupel::stats {
namespace {

/// Counts of draws against the exact masses: a chi-square test that must not reject at 1e-4 (seeds are fixed, so it never will).
template <typename Draw, typename Mass>
void expect_distribution(Draw draw, Mass mass, std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(last - first + 3));
  std::vector<double> shares(counts.size());
  constexpr int k_draws = 20'000;
  Random random(1, "distribution");
  for (int i = 0; i < k_draws; ++i) {
    const std::int64_t value = draw(random);
    const std::int64_t cell = value < first ? 0 : value > last ? last - first + 2 : value - first + 1;
    ++counts[static_cast<std::size_t>(cell)];
  }
  for (std::int64_t k = first; k <= last; ++k) shares[static_cast<std::size_t>(k - first + 1)] = mass(k);
  const double middle = std::accumulate(shares.begin(), shares.end(), 0.0);
  double below = 0;
  for (std::int64_t k = 0; k < first; ++k) below += mass(k);
  shares.front() = below;
  shares.back() = std::max(0.0, 1 - middle - below);
  EXPECT_GT(chi_square_shares(counts, shares, {1, "case", 1999})->p_value, 1e-4);
}

TEST(RandomCounts, BinomialsFollowTheirMasses) {
  for (const auto& [n, p] : {std::pair{12, 0.3}, std::pair{400, 0.01}, std::pair{100, 0.37}, std::pair{5000, 0.9}}) {
    const double mean = n * p;
    const double spread = std::sqrt(mean * (1 - p));
    const auto first = static_cast<std::int64_t>(std::max(0.0, mean - 2.5 * spread));
    const auto last = static_cast<std::int64_t>(std::min<double>(n, mean + 2.5 * spread));
    expect_distribution([n = n, p = p](Random& random) { return random_binomial(random, n, p); },
                        [n = n, p = p](std::int64_t k) { return binomial_mass(k, n, p); }, first, last);
  }
}

TEST(RandomCounts, HypergeometricsFollowTheirMasses) {
  expect_distribution([](Random& random) { return random_hypergeometric(random, 12, 10, 40); },
                      [](std::int64_t k) { return hypergeometric_mass(k, 12, 10, 40); }, 0, 6);
  expect_distribution([](Random& random) { return random_hypergeometric(random, 800, 500, 9500); },
                      [](std::int64_t k) { return hypergeometric_mass(k, 800, 500, 9500); }, 27, 53);
}

TEST(RandomCounts, PoissonsFollowTheirMassesBelowAndAboveTheReduction) {
  for (const double mean : {0.7, 8.0, 75.0}) {
    const auto first = static_cast<std::int64_t>(std::max(0.0, mean - 2.5 * std::sqrt(mean)));
    const auto last = static_cast<std::int64_t>(mean + 2.5 * std::sqrt(mean)) + 1;
    expect_distribution([mean](Random& random) { return random_poisson(random, mean); },
                        [mean](std::int64_t k) { return poisson_mass(k, mean); }, first, last);
  }
}

TEST(RandomCounts, TablesKeepTheirMargins) {
  const std::vector<std::int64_t> rows{30, 12, 8};
  const std::vector<std::int64_t> columns{20, 5, 24, 1};
  std::vector<std::int64_t> table(12);
  for (std::uint64_t draw = 0; draw < 50; ++draw) {
    Random random(2, "table", draw);
    random_table(random, rows, columns, table);
    for (std::size_t c = 0; c < 4; ++c) EXPECT_EQ(table[c] + table[4 + c] + table[8 + c], columns[c]);
    for (std::size_t r = 0; r < 3; ++r) EXPECT_EQ(std::accumulate(table.begin() + 4 * static_cast<int>(r), table.begin() + 4 * static_cast<int>(r) + 4, std::int64_t{0}), rows[r]);
  }
}

TEST(RandomCounts, MultinomialsAddUpAndSkipImpossibleCategories) {
  Random random(3, "multinomial");
  std::vector<std::int64_t> counts(4);
  random_multinomial(random, 1000, std::vector<double>{0.5, 0, 0.25, 0.25}, counts);
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}), 1000);
  EXPECT_EQ(counts[1], 0);
}

}  // namespace
}  // namespace cupel::stats
