#include "states/histogram.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "states/sample_tables_internal.h"

namespace cupel::states {
namespace {

Histogram histogram_of(std::vector<double> edges, const std::vector<double>& values) {
  Histogram histogram(0, std::move(edges));
  Random random(1, "histogram");
  feed(histogram, number_table(1, values), 0, static_cast<std::int64_t>(values.size()), 7, 0, random);
  return histogram;
}

using Counts = std::vector<std::int64_t>;

// The examples of numpy.histogram's manual.
TEST(Histogram, CountsAsNumpyDoes) {
  EXPECT_EQ(histogram_of({0, 1, 2, 3}, {1, 2, 1, 1, 0, 1}).counts(), (Counts{1, 4, 1}));
  EXPECT_EQ(histogram_of({0, 1, 2, 3, 4}, {0, 1, 2, 3}).counts(), (Counts{1, 1, 1, 1}));
  EXPECT_EQ(histogram_of({0, 1, 2, 3}, {1, 2, 1}).counts(), (Counts{0, 2, 1}));
}

// Every edge and the numbers next to it, for bins whose width is no binary fraction, unequal ones and extreme ones.
TEST(Histogram, TheEdgesDecideToTheLastBit) {
  std::vector<std::vector<double>> all = {{-1, 0, 1e-300, 0.3, 7, 1e9}, {-1e308, 1e308}, {-1.7e308, 0, 1.7e308}, {0, 5e-324, 1e-323}};
  all.push_back(*Histogram::equal_edges(0.1, 0.7, 37));
  all.push_back(*Histogram::equal_edges(-1e308, 1e308, 13));
  for (const std::vector<double>& edges : all) {
    std::vector<double> values = {NAN, INFINITY, -INFINITY};
    for (const double edge : edges) {
      for (const double value : {edge, std::nextafter(edge, -INFINITY), std::nextafter(edge, INFINITY)}) values.push_back(value);
    }
    Random random(2, "values");
    for (int i = 0; i < 1000; ++i) values.push_back(std::lerp(edges.front(), edges.back(), random.uniform()));
    const Histogram histogram = histogram_of(edges, values);
    std::int64_t inside = 0;
    for (std::size_t bin = 0; bin + 1 < edges.size(); ++bin) {
      std::int64_t count = 0;
      for (const double value : values) count += value >= edges[bin] && (value < edges[bin + 1] || (bin + 2 == edges.size() && value == edges.back())) ? 1 : 0;
      EXPECT_EQ(histogram.counts()[bin], count) << bin;
      inside += count;
    }
    EXPECT_EQ(histogram.nans(), 1);
    EXPECT_GE(histogram.below(), 2);
    EXPECT_GE(histogram.above(), 2);
    EXPECT_EQ(histogram.count(), static_cast<std::int64_t>(values.size()) - 1);
    EXPECT_EQ(histogram.count(), histogram.below() + inside + histogram.above());
  }
}

TEST(Histogram, EqualEdgesEndWhereTheyShould) {
  const auto edges = Histogram::equal_edges(0, 1, 10);
  ASSERT_TRUE(edges);
  EXPECT_EQ(edges->size(), 11U);
  EXPECT_EQ(edges->front(), 0);
  EXPECT_EQ((*edges)[5], 0.5);
  EXPECT_EQ(edges->back(), 1);
  const auto message = [](double low, double high, int bins) {
    const auto refused = Histogram::equal_edges(low, high, bins);
    return refused ? std::string("accepted") : refused.error().text();
  };
  EXPECT_EQ(message(0, 1, 0), "0 bins from 0 to 1: expected at least 1");
  EXPECT_EQ(message(1, 1, 3), "3 bins from 1 to 1: expected finite ends, the lower one first");
  EXPECT_EQ(message(0, NAN, 3), "3 bins from 0 to NaN: expected finite ends, the lower one first");
  EXPECT_EQ(message(1, std::nextafter(1, 2), 2), "2 bins from 1 to 1: narrower than numbers can be told apart");
}

TEST(Histogram, BytesOfOtherEdgesAreRefused) {
  std::string bytes;
  histogram_of({0, 1, 2}, {0.5}).write(bytes);
  EXPECT_TRUE(Histogram(0, {0, 1, 2}).read(bytes));
  EXPECT_FALSE(Histogram(0, {0, 1, 3}).read(bytes));
  EXPECT_FALSE(Histogram(0, {0, 2}).read(bytes));
}

}  // namespace
}  // namespace cupel::states
