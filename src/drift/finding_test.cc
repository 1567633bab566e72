#include "drift/finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "base/random.h"
#include "table/table.h"

namespace cupel::drift {
namespace {

using suite::Verdict;
using table::ColumnBuilder;
using table::Type;
using ::testing::HasSubstr;

ColumnBuilder normals(std::int64_t rows, double mean, std::uint64_t stream) {
  Random random(1, "test normals", stream);
  ColumnBuilder column(Type::number);
  for (std::int64_t row = 0; row < rows; ++row) column.append(mean + random.normal());
  return column;
}

ColumnBuilder texts(const std::vector<std::string_view>& values) {
  ColumnBuilder column(Type::text);
  for (const std::string_view value : values) {
    if (value.empty())
      column.append_null();
    else
      column.append(value);
  }
  return column;
}

Finding judge(const Question& question, const ColumnBuilder& reference, const ColumnBuilder& current, std::uint64_t seed = 7) {
  FindOptions options;
  options.seed = seed;
  std::vector<Finding> findings = {
      find_drift(question, reference.view(), current.view(), rows_as_units(reference.num_rows(), current.num_rows()), options)};
  decide(findings, Rule{});
  return findings[0];
}

TEST(Finding, a_shift_that_is_there_and_matters_fails_and_says_what_moved) {
  const Finding finding = judge({"x", Aspect::values, Kind::ordered, {}, 0.1}, normals(2000, 0, 1), normals(2000, 0.5, 2));
  EXPECT_EQ(finding.verdict, Verdict::fail);
  EXPECT_THAT(finding.message, HasSubstr("not less than the margin 10"));
  EXPECT_THAT(finding.detail, HasSubstr("median"));
  EXPECT_LT(finding.sampled.interval.low, 0.197);  // the true distance, 2 Phi(0.25) - 1
  EXPECT_GT(finding.sampled.interval.high, 0.197);
}

TEST(Finding, a_shift_that_is_there_but_small_passes_and_says_so) {
  const Finding finding = judge({"x", Aspect::values, Kind::ordered, {}, 0.1}, normals(40000, 0, 1), normals(40000, 0.1, 2));
  EXPECT_EQ(finding.verdict, Verdict::pass);
  EXPECT_LT(finding.adjusted_p, 1e-6);
  EXPECT_THAT(finding.message, HasSubstr("there, but below the margin"));
}

TEST(Finding, too_few_rows_for_the_margin_are_inconclusive_and_never_a_pass) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(judge({"x", Aspect::values, Kind::ordered, {}, 0.1}, normals(60, 0, 2 * seed), normals(60, 0, 2 * seed + 1)).verdict,
              Verdict::inconclusive);
  }
}

TEST(Finding, enough_rows_without_drift_pass) {
  const Finding finding = judge({"x", Aspect::values, Kind::ordered, {}, 0.1}, normals(5000, 0, 1), normals(5000, 0, 2));
  EXPECT_EQ(finding.verdict, Verdict::pass);
  EXPECT_THAT(finding.message, HasSubstr("no drift of 10"));
}

TEST(Finding, a_jump_of_the_null_share_is_drift) {
  ColumnBuilder before(Type::number), after(Type::number);
  for (int row = 0; row < 1000; ++row) {
    if (row % 20 == 0)
      before.append_null();
    else
      before.append(1.0);
    if (row % 4 == 0)
      after.append_null();
    else
      after.append(1.0);
  }
  const Finding nulls = judge({"x", Aspect::nulls, Kind::ordered, {}, 0.05}, before, after);
  EXPECT_EQ(nulls.verdict, Verdict::fail);
  EXPECT_THAT(nulls.message, HasSubstr("5.00 % -> 25.00 %"));
  EXPECT_EQ(judge({"x", Aspect::values, Kind::ordered, {}, 0.1}, before, after).verdict, Verdict::pass)
      << "the present values are the same constant";
}

TEST(Finding, categories_that_the_reference_never_had_are_named) {
  std::vector<std::string_view> before(500, "Tops"), after(400, "Tops");
  after.insert(after.end(), 100, "Shoes");
  const Finding finding = judge({"c", Aspect::values, Kind::category, {}, 0.1}, texts(before), texts(after));
  EXPECT_EQ(finding.verdict, Verdict::fail);
  EXPECT_NEAR(finding.sampled.distance, 0.2, 1e-12);
  EXPECT_THAT(finding.message, HasSubstr("1 value not in the reference in 100 rows"));
}

TEST(Finding, columns_without_anything_to_compare_have_defined_answers) {
  const ColumnBuilder empty(Type::number);
  ColumnBuilder nulls(Type::number);
  for (int row = 0; row < 9; ++row) nulls.append_null();
  const Question question{"x", Aspect::values, Kind::ordered, {}, 0.1};
  EXPECT_EQ(judge(question, empty, normals(9, 0, 1)).verdict, Verdict::error);
  EXPECT_THAT(judge(question, empty, normals(9, 0, 1)).message, HasSubstr("the reference has no rows"));
  EXPECT_EQ(judge(question, nulls, nulls).verdict, Verdict::pass);
  EXPECT_EQ(judge(question, normals(9, 0, 1), nulls).verdict, Verdict::error);
  EXPECT_THAT(judge(question, normals(9, 0, 1), nulls).message, HasSubstr("no value in the current sample"));
  EXPECT_EQ(judge(question, normals(1, 0, 1), normals(1, 0, 2)).verdict, Verdict::inconclusive);
}

TEST(Finding, text_where_numbers_were_is_an_error_that_names_both_types) {
  const Finding finding = judge({"x", Aspect::values, Kind::ordered, {}, 0.1}, normals(9, 0, 1), texts({"a", "b"}));
  EXPECT_EQ(finding.verdict, Verdict::error);
  EXPECT_THAT(finding.message, HasSubstr("number in the reference and text in the current"));
}

TEST(Finding, a_text_that_uses_other_words_is_told_apart_and_the_words_are_named) {
  ColumnBuilder before(Type::text), after(Type::text);
  Random random(3, "test words");
  const std::vector<std::string> filler = {"the", "a", "fit", "size", "color", "soft", "love", "bought", "wear", "nice"};
  const auto sentence = [&](double share, std::string_view special) {
    std::string text;
    for (int i = 0; i < 12; ++i) text += filler[random.below(filler.size())] + " ";
    return random.uniform() < share ? text + std::string(special) : text;
  };
  for (int row = 0; row < 1500; ++row) {
    before.append(std::string_view(sentence(0.05, "refund")));
    after.append(std::string_view(sentence(0.40, "refund")));
  }
  const Finding words = judge({"t", Aspect::words, Kind::text, {}, 0.1}, before, after);
  EXPECT_EQ(words.verdict, Verdict::fail);
  EXPECT_THAT(words.message, HasSubstr("'refund'"));
  EXPECT_EQ(guess_kind(texts({"a b c"}).view(), texts({"d"}).view()), Kind::category) << "two values are no language";
}

/// Rows of a product share its category: rows are not independent, and a row-wise test takes chance for drift.
struct Products {
  ColumnBuilder product_before{Type::integer}, product_after{Type::integer}, value_before{Type::text}, value_after{Type::text};
};
Products random_products(std::uint64_t seed) {
  Products data;
  Random random(seed, "test products");
  for (std::int64_t product = 0; product < 200; ++product) {
    const bool held_out = random.uniform() < 0.3;
    const auto rows = static_cast<std::int64_t>(1 + random.below(40));
    const std::string_view value = random.uniform() < 0.4 ? "Tops" : random.uniform() < 0.5 ? "Dresses" : "Jackets";
    for (std::int64_t row = 0; row < rows; ++row) {
      (held_out ? data.product_after : data.product_before).append(product);
      (held_out ? data.value_after : data.value_before).append(value);
    }
  }
  return data;
}

TEST(Finding, units_keep_the_false_alarm_rate_where_rows_belong_together) {
  int row_alarms = 0, unit_alarms = 0;
  const int runs = 200;
  for (std::uint64_t run = 0; run < runs; ++run) {
    const Products data = random_products(run);
    const Question question{"c", Aspect::values, Kind::category, {}, 0.1};
    FindOptions options;
    options.seed = run;
    options.permutations = 400;
    const auto before = data.value_before.view(), after = data.value_after.view();
    row_alarms += find_drift(question, before, after, rows_as_units(before.num_rows, after.num_rows), options).p_value <= 0.05 ? 1 : 0;
    unit_alarms +=
        find_drift(question, before, after, units_of(data.product_before.view(), data.product_after.view()), options).p_value <= 0.05 ? 1
                                                                                                                                      : 0;
  }
  EXPECT_GT(row_alarms, runs / 2) << "the row-wise test must be wrong here, else this test shows nothing";
  EXPECT_LE(unit_alarms, 20) << "nominal 10 of 200; 20 is the 99.9 % binomial bound";
}

TEST(Finding, the_same_seed_gives_the_same_finding) {
  const Question question{"x", Aspect::values, Kind::ordered, Distance::wasserstein, 0.1};
  const Finding once = judge(question, normals(300, 0, 1), normals(300, 0.1, 2), 5),
                again = judge(question, normals(300, 0, 1), normals(300, 0.1, 2), 5);
  EXPECT_EQ(once.message, again.message);
  EXPECT_EQ(once.sampled.interval.high, again.sampled.interval.high);
}

TEST(Units, that_stand_on_both_sides_count_as_two) {
  ColumnBuilder before(Type::integer), after(Type::integer);
  for (const std::int64_t id : {1, 1, 2}) before.append(id);
  for (const std::int64_t id : {2, 3}) after.append(id);
  after.append_null();
  const Units units = units_of(before.view(), after.view());
  EXPECT_EQ(units.num_reference_units, 2);
  EXPECT_EQ(units.num_units, 5);
  EXPECT_EQ(units.on_both_sides, 1);
}

}  // namespace
}  // namespace cupel::drift
