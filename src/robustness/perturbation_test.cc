#include "robustness/perturbation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "table/text_changes.h"

namespace cupel::robustness {
namespace {

using table::Column;
using table::ColumnBuilder;
using table::lower_case;
using table::mojibake;
using table::title_case;
using table::Type;
using table::upper_case;
using table::with_extra_spaces;
using table::with_typos;
using table::without_last_words;
using table::without_punctuation;
using ::testing::HasSubstr;

ColumnBuilder texts(std::int64_t rows) {
  ColumnBuilder column(Type::text);
  for (std::int64_t row = 0; row < rows; ++row) {
    if (row % 7 == 3)
      column.append_null();
    else
      column.append(std::string_view(fmt::format("It's row {} of Größe, isn't it?", row)));
  }
  return column;
}

ColumnBuilder numbers(std::int64_t rows) {
  ColumnBuilder column(Type::integer);
  for (std::int64_t row = 0; row < rows; ++row) {
    if (row % 7 == 3)
      column.append_null();
    else
      column.append(row % 100 * 1000);
  }
  return column;
}

ColumnBuilder apply(std::string_view name, const ColumnBuilder& column, double severity = -1, std::uint64_t seed = 5) {
  const Perturbation* perturbation = *find_perturbation(name);
  return perturbation->apply(column.view(), severity < 0 ? perturbation->usual : severity, seed, "column");
}

TEST(TextChanges, map_case_as_unicode_does) {
  EXPECT_EQ(upper_case("straße é"), "STRASSE É");
  EXPECT_EQ(lower_case("ÀÉ I"), "àé i");
  EXPECT_EQ(title_case("it's a WELL-made dress"), "It's A Well-Made Dress");
}

TEST(TextChanges, mojibake_is_utf8_read_as_windows_1252) {
  EXPECT_EQ(mojibake("it's"), "itâ€™s");  // U+2019 is E2 80 99
  EXPECT_EQ(mojibake("é"), "Ã©");         // C3 A9
  EXPECT_EQ(mojibake("plain"), "plain");
  EXPECT_EQ(mojibake("\"a\""), "â€œaâ€\u009D");  // 9D has no character in Windows-1252
}

TEST(TextChanges, cut_words_and_punctuation) {
  EXPECT_EQ(without_last_words("one two  three four", 0.5), "one two");
  EXPECT_EQ(without_last_words("one", 0.5), "");
  EXPECT_EQ(without_last_words("", 0.5), "");
  EXPECT_EQ(without_last_words("a b c d e f g h i j", 0.01), "a b c d e f g h i");
  EXPECT_EQ(without_punctuation("don't, stop!"), "dont stop");
  EXPECT_EQ(with_extra_spaces("a b"), " a  b ");
}

TEST(TextChanges, typos_hit_about_the_stated_share_of_characters_and_keep_utf8) {
  const std::string text(20000, 'e');
  Random random(1, "typos");
  const std::string changed = with_typos(text, 0.05, random);
  const auto kept = std::ranges::count(changed, 'e');
  EXPECT_NEAR(static_cast<double>(kept), 20000 * (1 - 0.05 * 0.7), 120);  // half replaced, a fifth lost; a fifth added beside
  Random again(2, "typos");
  EXPECT_FALSE(first_invalid_utf8(with_typos("Größe – ☃ ñandú été", 0.9, again)));
}

TEST(Perturbations, stand_in_order_and_are_found_by_name) {
  EXPECT_TRUE(std::ranges::is_sorted(perturbation_table(), {}, &Perturbation::name));
  EXPECT_THAT(find_perturbation("typo").error().message, HasSubstr("unknown perturbation 'typo' (nearest: 'typos')"));
}

TEST(Perturbations, keep_length_and_nulls_whatever_they_do) {
  for (const Perturbation& perturbation : perturbation_table()) {
    for (const ColumnBuilder& column : {texts(200), numbers(200), ColumnBuilder(Type::text), ColumnBuilder(Type::integer)}) {
      if (!applies_to(perturbation, column.type())) continue;
      const ColumnBuilder after = perturbation.apply(column.view(), perturbation.usual, 5, "column");
      ASSERT_EQ(after.num_rows(), column.num_rows()) << perturbation.name;
      std::int64_t nulls_before = 0, nulls_after = 0;
      for (std::int64_t row = 0; row < column.num_rows(); ++row) {
        nulls_before += column.view().is_null(row) ? 1 : 0;
        nulls_after += after.view().is_null(row) ? 1 : 0;
        if (!after.view().is_null(row) && after.type() == Type::text) {
          EXPECT_FALSE(first_invalid_utf8(after.view().text(row)));
        }
      }
      EXPECT_GE(nulls_after, nulls_before) << perturbation.name;
    }
  }
}

TEST(Perturbations, change_something_and_the_same_thing_for_the_same_seed) {
  for (const Perturbation& perturbation : perturbation_table()) {
    const ColumnBuilder column = perturbation.target == Target::number ? numbers(500) : texts(500);
    const ColumnBuilder once = perturbation.apply(column.view(), perturbation.usual, 5, "column"),
                        again = perturbation.apply(column.view(), perturbation.usual, 5, "column");
    EXPECT_TRUE(std::ranges::count(changed_rows(column.view(), once.view()), true) > 0) << perturbation.name;
    EXPECT_EQ(std::ranges::count(changed_rows(once.view(), again.view()), true), 0) << perturbation.name;
  }
}

TEST(Perturbations, hit_the_stated_share_of_rows) {
  const ColumnBuilder column = texts(7000);  // 6,000 values
  const auto hits = [&](std::string_view name, double share) {
    return static_cast<double>(std::ranges::count(changed_rows(column.view(), apply(name, column, share).view()), true));
  };
  EXPECT_NEAR(hits("missing", 0.2), 1200, 130);
  EXPECT_NEAR(hits("unseen_category", 0.5), 3000, 160);
  EXPECT_EQ(hits("unseen_category", 1), 6000);
  EXPECT_EQ(hits("drop_column", -1), 6000);
}

TEST(Perturbations, noise_is_measured_in_standard_deviations_and_is_not_rounded_away) {
  const ColumnBuilder column = numbers(7000);
  const ColumnBuilder noisy = apply("numeric_noise", column, 0.1);
  double squares = 0, values = 0;
  for (std::int64_t row = 0; row < column.num_rows(); ++row) {
    if (column.view().is_null(row)) continue;
    const double step = noisy.view().as_number(row) - column.view().as_number(row);
    squares += step * step;
    ++values;
  }
  const double stddev = 1000 * std::sqrt((100.0 * 100 - 1) / 12);  // of 0 … 99 thousand
  EXPECT_NEAR(std::sqrt(squares / values), 0.1 * stddev, 0.03 * 0.1 * stddev);
}

TEST(Perturbations, shuffling_keeps_the_values_and_loses_their_places) {
  const ColumnBuilder column = numbers(700), mixed = apply("shuffle", column);
  const auto sorted = [](const Column& values) {
    std::vector<double> out;
    for (std::int64_t row = 0; row < values.num_rows; ++row) out.push_back(values.is_null(row) ? -1 : values.as_number(row));
    std::ranges::sort(out);
    return out;
  };
  EXPECT_EQ(sorted(mixed.view()), sorted(column.view()));
  EXPECT_GT(std::ranges::count(changed_rows(column.view(), mixed.view()), true), 500);
}

TEST(Perturbations, a_row_is_changed_in_the_same_way_whatever_stands_before_it) {
  const ColumnBuilder column = texts(50);
  const ColumnBuilder changed = apply("typos", column, 0.2);
  ColumnBuilder longer = texts(50);
  longer.append(std::string_view("one more"));
  const ColumnBuilder changed_longer = apply("typos", longer, 0.2);
  for (std::int64_t row = 0; row < 50; ++row) {
    if (column.view().is_null(row)) continue;
    EXPECT_EQ(changed.view().text(row), changed_longer.view().text(row));
  }
}

}  // namespace
}  // namespace cupel::robustness
