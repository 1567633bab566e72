// Truth: rational arithmetic on the stored doubles, rounded once at the end.
#include "states/moments.h"

#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/multiprecision/cpp_int.hpp>
#include <functional>

#include "states/sample_tables_internal.h"

namespace cupel::states {
namespace {

using Rational = boost::multiprecision::cpp_rational;
using Wide = boost::multiprecision::cpp_bin_float_100;

struct Truth {
  double sum;
  double mean;
  double variance;
  double skewness;
  double kurtosis;
};

Truth truth_of(const std::vector<double>& values) {
  const Rational n = values.size();
  Rational sum = 0;
  for (const double value : values) sum += Rational(value);
  const Rational mean = sum / n;
  Rational m2 = 0;
  Rational m3 = 0;
  Rational m4 = 0;
  for (const double value : values) {
    const Rational d = Rational(value) - mean;
    const Rational square = d * d;
    m2 += square;
    m3 += square * d;
    m4 += square * square;
  }
  const auto wide = [](const Rational& value) { return Wide(numerator(value)) / Wide(denominator(value)); };
  const Wide spread = wide(m2);
  return {static_cast<double>(wide(sum)), static_cast<double>(wide(mean)), static_cast<double>(wide(m2 / (n - 1))),
          static_cast<double>(sqrt(wide(n)) * wide(m3) / (spread * sqrt(spread))), static_cast<double>(wide(n * m4 / (m2 * m2)) - 3)};
}

// One state, and seven parts merged.
std::vector<Moments> in_one_and_in_parts(const std::vector<double>& values) {
  const table::Table table = number_table(1, values);
  Random random(2, "feed");
  Moments one(0);
  feed(one, table, 0, table.num_rows(), 4096, 0, random);
  Moments merged(0);
  for (std::int64_t i = 0; i < 7; ++i) {
    Moments part(0);
    feed(part, table, table.num_rows() * i / 7, table.num_rows() * (i + 1) / 7, 100, 0, random);
    merged.merge(part);
  }
  return {one, merged};
}

// `error` bounds the relative error of variance, and the absolute one of g1 and g2 beside their size.
void expect_exact(const std::vector<double>& values, double error) {
  const Truth truth = truth_of(values);
  for (const Moments& moments : in_one_and_in_parts(values)) {
    EXPECT_EQ(moments.sum(), truth.sum);
    EXPECT_EQ(*moments.mean(), truth.mean);
    EXPECT_NEAR(*moments.variance(), truth.variance, error * truth.variance);
    EXPECT_NEAR(*moments.skewness(), truth.skewness, error * (1 + std::abs(truth.skewness)));
    EXPECT_NEAR(*moments.kurtosis(), truth.kurtosis, error * (3 + std::abs(truth.kurtosis)));
  }
}

std::vector<double> made(int size, const std::function<double(Random&)>& make) {
  Random random(4, "moments");
  std::vector<double> values;
  for (int i = 0; i < size; ++i) values.push_back(make(random));
  return values;
}

TEST(Moments, EqualExactArithmeticOnUniformNumbers) {
  expect_exact(made(2000, [](Random& random) { return random.uniform(); }), 1e-14);
}

TEST(Moments, EqualExactArithmeticOnHeavyTails) {
  expect_exact(made(1500, [](Random& random) { return std::exp(3 * random.normal()); }), 1e-13);
}

TEST(Moments, ALargeOffsetCostsNoDigits) {
  for (const double offset : {1e8, -1e12, 1e15}) {
    SCOPED_TRACE(offset);
    expect_exact(made(1500, [&](Random& random) { return offset + random.uniform() * 16; }), 1e-13);
  }
}

TEST(Moments, ValuesThatCancelKeepTheirSum) {
  std::vector<double> values = made(1000, [](Random& random) { return 1e16 * random.normal(); });
  const std::vector<double> back = values;
  for (const double value : back) values.push_back(-value);
  values.push_back(3.25);
  const Truth truth = truth_of(values);
  EXPECT_EQ(truth.sum, 3.25);
  for (const Moments& moments : in_one_and_in_parts(values)) EXPECT_NEAR(moments.sum(), truth.sum, 1e-13);
}

TEST(Moments, TheSumOfIntegersIsExactBeyondDouble) {
  table::ColumnBuilder column(table::Type::integer);
  column.append(std::int64_t{9007199254740993});  // 2^53 + 1
  column.append(std::int64_t{9007199254740993});
  column.append(std::int64_t{-9007199254740992});
  column.append(std::int64_t{-9007199254740993});
  const table::Table table(table::Schema{{{"c0", table::Type::integer}}}, {column});
  Moments moments(0);
  Random random(1, "feed");
  feed(moments, table, 0, 4, 2, 0, random);
  EXPECT_EQ(moments.sum(), 1);
  EXPECT_EQ(*moments.mean(), 0.25);
}

TEST(Moments, WhatIsNotDefinedIsEmpty) {
  Moments moments(0);
  EXPECT_EQ(moments.sum(), 0);
  EXPECT_FALSE(moments.mean());
  EXPECT_FALSE(moments.min());
  Random random(1, "feed");
  feed(moments, number_table(1, {5}), 0, 1, 1, 0, random);
  EXPECT_EQ(*moments.mean(), 5);
  EXPECT_FALSE(moments.variance());
  feed(moments, number_table(1, {5, 5}), 0, 2, 1, 0, random);
  EXPECT_EQ(*moments.variance(), 0);
  EXPECT_FALSE(moments.skewness());
  EXPECT_FALSE(moments.kurtosis());
}

TEST(Moments, OneValueAgainAndAgainHasNoSpreadAtAll) {
  for (const Moments& moments : in_one_and_in_parts(std::vector<double>(1001, 0.1))) {
    EXPECT_EQ(*moments.variance(), 0);
    EXPECT_EQ(*moments.mean(), 0.1);
  }
}

TEST(Moments, NumbersThatAreNotFiniteAreCountedApart) {
  Moments moments(0);
  Random random(1, "feed");
  feed(moments, number_table(1, {1, NAN, 3, INFINITY, -INFINITY, -NAN}), 0, 6, 6, 0, random);
  EXPECT_EQ(moments.count(), 2);
  EXPECT_EQ(moments.nans(), 2);
  EXPECT_EQ(moments.infinities(), 2);
  EXPECT_EQ(*moments.mean(), 2);
  EXPECT_EQ(*moments.variance(), 2);
}

TEST(Moments, AnOverflowIsNeverANumberThatLooksRight) {
  const std::vector<double> huge = {1e308, 1.5e308, -1e308, 1.7e308};
  for (const Moments& moments : in_one_and_in_parts(huge)) {
    EXPECT_FALSE(moments.variance());
    EXPECT_FALSE(moments.kurtosis());
    EXPECT_EQ(*moments.max(), 1.7e308);
  }
  for (const Moments& moments : in_one_and_in_parts({1e90, 3e90, 2e90, 7e90})) {
    EXPECT_TRUE(moments.variance());
    EXPECT_FALSE(moments.kurtosis());
  }
}

}  // namespace
}  // namespace cupel::states
