// Quantiles beyond their memory limit, the sketch behind them, and the window that makes them exact again. Truth: sorting.
#include "states/quantiles.h"

#include <gtest/gtest.h>

#include "states/quantile_window.h"
#include "states/sample_tables_internal.h"

namespace cupel::states {
namespace {

constexpr double k_positions[] = {0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999, 1};
constexpr std::int64_t k_small = 8 << 10;  // 1,024 values, 128 of them different

struct Shape {
  const char* name;
  double (*draw)(Random&, std::int64_t row);
};

constexpr Shape k_shapes[] = {
    {"uniform", [](Random& random, std::int64_t) { return random.uniform(); }},
    {"normal far from zero", [](Random& random, std::int64_t) { return 1e8 + random.normal(); }},
    {"ascending", [](Random&, std::int64_t row) { return static_cast<double>(row); }},
    {"descending", [](Random&, std::int64_t row) { return -static_cast<double>(row); }},
    {"few values", [](Random& random, std::int64_t) { return static_cast<double>(random.below(40)); }},
    {"one value and a tail", [](Random& random, std::int64_t) { return random.uniform() < 0.7 ? 0 : std::exp(3 * random.normal()); }},
    {"unique, then again and again", [](Random& random, std::int64_t row) { return row < 20'000 ? random.uniform() : 0.25; }},
};

std::vector<double> draw(const Shape& shape, std::int64_t rows, std::uint64_t seed = 1) {
  Random random(seed, shape.name);
  std::vector<double> values;
  for (std::int64_t row = 0; row < rows; ++row) values.push_back(shape.draw(random, row));
  return values;
}

template <typename S>
S fed(S state, const std::vector<double>& values, std::int64_t part_rows) {
  const table::Table table = number_table(1, values);
  const S empty = state;
  Random random(1, "feed");
  for (std::int64_t row = 0; row < table.num_rows(); row += part_rows) {
    S part = empty;
    feed(part, table, row, std::min(table.num_rows(), row + part_rows), 4096, 0, random);
    state.merge(part);
  }
  return state;
}

// numpy.quantile, method "linear".
double truth(const std::vector<double>& sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  if (below + 1 == sorted.size()) return sorted[below];
  return std::lerp(sorted[below], sorted[below + 1], at - static_cast<double>(below));
}

std::string bytes_of(const State& state) {
  std::string bytes;
  state.write(bytes);
  return bytes;
}

TEST(Quantiles, WithinTheLimitAreExactHoweverTheyAreHeldAndCut) {
  for (const Shape& shape : k_shapes) {
    SCOPED_TRACE(shape.name);
    std::vector<double> values = draw(shape, 50'000);
    const Quantiles whole = fed(Quantiles(0), values, 50'000);
    const Quantiles parts = fed(Quantiles(0), values, 3'000);
    const Quantiles crumbs = fed(Quantiles(0), values, 177);
    std::sort(values.begin(), values.end());
    for (const double p : k_positions) {
      for (const Quantiles* state : {&whole, &parts, &crumbs}) {
        const Estimate estimate = *state->quantile(p);
        EXPECT_TRUE(estimate.is_exact());
        EXPECT_EQ(estimate.value, truth(values, p)) << p;
      }
    }
    EXPECT_EQ(whole.sorted(), values);
    EXPECT_EQ(bytes_of(whole), bytes_of(parts));
    EXPECT_EQ(bytes_of(whole), bytes_of(crumbs));
  }
}

TEST(Quantiles, AreSketchedOnlyWhenTheyAreManyAndDiffer) {
  EXPECT_TRUE(fed(Quantiles(0, k_small), draw(k_shapes[4], 100'000), 5'000).is_exact());
  EXPECT_TRUE(fed(Quantiles(0, k_small), draw(k_shapes[0], 1'024), 300).is_exact());
  EXPECT_FALSE(fed(Quantiles(0, k_small), draw(k_shapes[0], 1'025), 300).is_exact());
}

TEST(Quantiles, BeyondTheLimitHoldTheTrueValueWithinTheirBounds) {
  for (const Shape& shape : k_shapes) {
    SCOPED_TRACE(shape.name);
    std::vector<double> values = draw(shape, 300'000);
    const Quantiles state = fed(Quantiles(0, k_small), values, 7'000);
    std::sort(values.begin(), values.end());
    EXPECT_EQ(state.count(), 300'000);
    EXPECT_EQ(*state.min(), values.front());
    EXPECT_EQ(*state.max(), values.back());
    for (const double p : k_positions) {
      const Estimate estimate = *state.quantile(p);
      const double exact = truth(values, p);
      EXPECT_LE(estimate.low, exact) << p;
      EXPECT_GE(estimate.high, exact) << p;
      // The bounds are worth something: at most 0.3 % of the values wide, twice.
      const auto rank = [&](double value) { return std::lower_bound(values.begin(), values.end(), value) - values.begin(); };
      EXPECT_LE(rank(estimate.high) - rank(estimate.low), 300'000 * 0.006) << p;
    }
  }
}

TEST(Quantiles, AWindowMakesThemExactAgain) {
  for (const Shape& shape : k_shapes) {
    SCOPED_TRACE(shape.name);
    std::vector<double> values = draw(shape, 100'000);
    const Quantiles state = fed(Quantiles(0, k_small), values, 7'000);
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    for (const double p : k_positions) {
      Estimate bounds = *state.quantile(p);
      int scans = 0;
      for (; !bounds.is_exact() && scans < 5; ++scans) {
        const auto found = fed(QuantileWindow(0, bounds.low, bounds.high, k_small), values, 7'000).quantile(p);
        ASSERT_TRUE(found);
        EXPECT_LE(found->high - found->low, bounds.high - bounds.low);
        bounds = *found;
      }
      EXPECT_LE(scans, 2);
      EXPECT_EQ(bounds.value, truth(sorted, p)) << p;
    }
  }
}

TEST(Quantiles, AWindowBesideThePositionSaysSo) {
  const QuantileWindow window = fed(QuantileWindow(0, 10, 20), draw(k_shapes[2], 100), 30);
  EXPECT_FALSE(window.quantile(0.5));
  EXPECT_EQ(window.below(), 10);
  EXPECT_EQ(window.above(), 79);
}

TEST(Quantiles, SketchesMergeAndGoOn) {
  std::vector<double> values = draw(k_shapes[1], 200'000);
  const std::vector<double> first(values.begin(), values.begin() + 80'000);
  const std::vector<double> second(values.begin() + 80'000, values.end());
  Quantiles merged = fed(Quantiles(0, k_small), first, 9'000);
  merged.merge(fed(Quantiles(0, k_small), second, 9'000));
  Quantiles read(0, k_small);
  ASSERT_TRUE(read.read(bytes_of(merged)));
  EXPECT_EQ(bytes_of(read), bytes_of(merged));
  std::sort(values.begin(), values.end());
  for (const double p : k_positions) {
    EXPECT_LE(merged.quantile(p)->low, truth(values, p));
    EXPECT_GE(merged.quantile(p)->high, truth(values, p));
  }
  const Estimate share = merged.share_at_most(1e8);
  const auto exact = static_cast<double>(std::upper_bound(values.begin(), values.end(), 1e8) - values.begin()) / 200'000;
  EXPECT_LE(share.low, exact);
  EXPECT_GE(share.high, exact);
}

// The bound is one of probability: over many sketches with different coins the errors must be within it at its confidence, and not far
// below it (else it would be worth little).
TEST(Kll, ErrsAsItsBoundSays) {
  constexpr int k_sketches = 2'000;
  constexpr std::int64_t k_values = 5'000;
  int beyond_90 = 0;
  double squares = 0;
  double bound = 0;
  for (std::uint64_t seed = 0; seed < k_sketches; ++seed) {
    Random random(seed, "kll");
    Kll sketch(0, 64);
    std::int64_t rank = 0;
    for (std::int64_t i = 0; i < k_values; ++i) {
      const double value = random.uniform();
      rank += value <= 0.3 ? 1 : 0;
      sketch.add(value);
    }
    const double error = sketch.share_at_most(0.3, 0.9).value * k_values - static_cast<double>(rank);
    bound = sketch.rank_error(0.9);
    beyond_90 += std::abs(error) > bound ? 1 : 0;
    squares += error * error;
  }
  EXPECT_LE(beyond_90, 200 + 60);
  EXPECT_GE(std::sqrt(squares / k_sketches), bound / 8);
}

TEST(Kll, KeepsFewValuesOfMany) {
  Kll sketch(0);
  for (std::int64_t i = 0; i < 3'000'000; ++i) sketch.add(static_cast<double>(i * 7'919 % 3'000'017));
  EXPECT_LT(sketch.points().size(), 3u * Kll::k_default + 100);
  EXPECT_LT(sketch.rank_error(), 3'000'000 * 0.001);
  std::int64_t weight = 0;
  for (const Kll::Point& point : sketch.points()) weight += point.weight;
  EXPECT_EQ(weight, 3'000'000);
}

TEST(Kll, TakesWeightsAsRepetition) {
  Kll sketch(0);
  sketch.add(1, 1'000'000'000'000);
  sketch.add(2, 3'000'000'000'000);
  EXPECT_EQ(sketch.quantile(0.2)->value, 1);
  EXPECT_EQ(sketch.quantile(0.26)->value, 2);
  EXPECT_TRUE(sketch.is_exact());
}

}  // namespace
}  // namespace cupel::states
