// States of two columns: co-moments against rational arithmetic on the stored doubles, contingency tables by counting.
#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/multiprecision/cpp_int.hpp>
#include <map>

#include "states/co_moments.h"
#include "states/contingency.h"
#include "states/sample_tables_internal.h"

namespace cupel::states {
namespace {

using Rational = boost::multiprecision::cpp_rational;
using Wide = boost::multiprecision::cpp_bin_float_100;
using table::ColumnBuilder;
using table::Type;

table::Table table_of(std::vector<ColumnBuilder> columns) {
  table::Schema schema;
  for (std::size_t i = 0; i < columns.size(); ++i) schema.fields.push_back({"c" + std::to_string(i), columns[i].type()});
  return {std::move(schema), std::move(columns)};
}

ColumnBuilder numbers(const std::vector<double>& values) {
  ColumnBuilder column(Type::number);
  for (const double value : values) column.append(value);
  return column;
}

ColumnBuilder texts(const std::vector<std::string_view>& values) {
  ColumnBuilder column(Type::text);
  for (const std::string_view value : values) value == "-" ? column.append_null() : column.append(value);
  return column;
}

struct Truth {
  double covariance;
  double correlation;
};

Truth truth_of(const std::vector<double>& x, const std::vector<double>& y) {
  const Rational n = x.size();
  Rational sx = 0, sy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sx += Rational(x[i]);
    sy += Rational(y[i]);
  }
  Rational xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Rational a = Rational(x[i]) - sx / n;
    const Rational b = Rational(y[i]) - sy / n;
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  const Wide r = Wide(xy) / sqrt(Wide(xx) * Wide(yy));
  return {(xy / (n - 1)).convert_to<double>(), r.convert_to<double>()};
}

TEST(CoMoments, KeepTheirDigitsUnderALargeOffset) {
  for (const double offset : {0.0, 1e4, 1e8, 1e12}) {
    SCOPED_TRACE(offset);
    std::vector<double> x, y;
    Random random(1, "pairs");
    for (int i = 0; i < 600; ++i) {
      const double shared = random.normal();
      x.push_back(offset + shared + random.normal());
      y.push_back(-3 * offset + shared / 1000 + random.normal() / 500);
    }
    const table::Table table = table_of({numbers(x), numbers(y)});
    CoMoments state(0, 1);
    Random cuts(2, "cuts");
    for (std::int64_t row = 0; row < table.num_rows(); row += 60) {
      CoMoments part(0, 1);
      feed(part, table, row, row + 60, 25, 0, cuts);
      state.merge(part);
    }
    const Truth truth = truth_of(x, y);
    const double bound = 1e-13 + 1e-16 * offset * 1000;  // the spread of y is about 1/500
    EXPECT_NEAR(*state.covariance(), truth.covariance, 10 * bound * std::sqrt(*state.variance_x() * *state.variance_y()));
    EXPECT_NEAR(*state.correlation(), truth.correlation, 10 * bound);
  }
}

TEST(CoMoments, OfAConstantAreZeroAndTheCorrelationUndefined) {
  CoMoments state(0, 1);
  Random cuts(3, "cuts");
  const table::Table table = table_of({numbers(std::vector<double>(70, 0.1)), numbers(std::vector<double>(70, 1.0 / 3))});
  for (std::int64_t row = 0; row < 70; row += 7) {
    CoMoments part(0, 1);
    feed(part, table, row, row + 7, 3, 0, cuts);
    state.merge(part);
  }
  EXPECT_EQ(*state.variance_x(), 0);
  EXPECT_EQ(*state.covariance(), 0);
  EXPECT_FALSE(state.correlation());
}

TEST(CoMoments, CountWhatDoesNotEnter) {
  ColumnBuilder x(Type::number);
  for (const double value : {1.0, 2.0, std::nan(""), 4.0}) x.append(value);
  x.append_null();
  ColumnBuilder y(Type::integer);
  y.append(1);
  y.append_null();
  for (const int value : {3, 4, 5}) y.append(value);
  CoMoments state(0, 1);
  Random cuts(4, "cuts");
  feed(state, table_of({x, y}), 0, 5, 2, 0, cuts);
  EXPECT_EQ(state.count(), 2);
  EXPECT_EQ(state.nulls(), 2);
  EXPECT_EQ(state.odd(), 1);
}

TEST(Contingency, CountsPairsAndTotals) {
  Contingency state(0, 1);
  Random cuts(5, "cuts");
  feed(state, table_of({texts({"a", "b", "a", "-", "a", "b"}), texts({"x", "x", "y", "x", "x", "-"})}), 0, 6, 2, 0, cuts);
  ASSERT_EQ(state.cells().size(), 3u);
  EXPECT_EQ(state.cells()[0].count, 2);
  EXPECT_EQ(state.totals(0), (std::vector<std::int64_t>{3, 1}));
  EXPECT_EQ(state.totals(1), (std::vector<std::int64_t>{3, 1}));
  EXPECT_EQ(state.nulls(), 2);
}

TEST(Contingency, NumbersAreEqualByValueAcrossPartsOfDifferentTypes) {
  ColumnBuilder integers(Type::integer);
  integers.append(3);
  Contingency state(0, 1);
  Random cuts(6, "cuts");
  feed(state, table_of({integers, texts({"x"})}), 0, 1, 2, 0, cuts);
  Contingency later(0, 1);
  feed(later, table_of({numbers({3.0, 3.5}), texts({"x", "x"})}), 0, 2, 2, 0, cuts);
  state.merge(later);
  ASSERT_EQ(state.cells().size(), 2u);
  EXPECT_EQ(state.cells()[0].count, 2);
  EXPECT_TRUE(state.values(0).less(0, 1));
  EXPECT_FALSE(state.values(0).less(1, 0));
}

TEST(Contingency, GivesUpWhateverTheOrder) {
  std::vector<double> few(40, 1), many;
  for (int i = 0; i < 40; ++i) many.push_back(i);
  for (const bool reversed : {false, true}) {
    Contingency state(0, 1, 30);
    Random cuts(7, "cuts");
    feed(state, table_of({numbers(reversed ? many : few), numbers(many)}), 0, 40, 7, 0, cuts);
    EXPECT_TRUE(state.overflowed());
    EXPECT_EQ(state.count(), 40);
    EXPECT_TRUE(state.cells().empty());
    Contingency before(0, 1, 30);
    feed(before, table_of({numbers({1}), numbers({1})}), 0, 1, 7, 0, cuts);
    before.merge(state);
    EXPECT_TRUE(before.overflowed());
    EXPECT_EQ(before.count(), 41);
  }
}

}  // namespace
}  // namespace cupel::states
