#include "source/generated_reviews.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "source/written_file_internal.h"

namespace cupel::source {
namespace {

class GeneratedReviewsTest : public WithFiles {};

double null_share(const table::Table& table, std::string_view name) {
  const table::Column column = *table.column(name);
  std::int64_t nulls = 0;
  for (std::int64_t row = 0; row < column.num_rows; ++row) nulls += column.is_null(row) ? 1 : 0;
  return static_cast<double>(nulls) / static_cast<double>(column.num_rows);
}

// Share of pairs (recommended, not) that the score puts in order.
double auc(const std::vector<double>& scores, const table::Column& truth) {
  std::vector<std::pair<double, bool>> sorted;
  for (std::size_t i = 0; i < scores.size(); ++i) sorted.emplace_back(scores[i], truth.integers()[i] == 1);
  std::sort(sorted.begin(), sorted.end());
  double ordered = 0;
  double negatives = 0;
  double positives = 0;
  for (std::size_t i = 0; i < sorted.size();) {
    double tied_negatives = 0;
    double tied_positives = 0;
    std::size_t end = i;
    for (; end < sorted.size() && sorted[end].first == sorted[i].first; ++end) (sorted[end].second ? tied_positives : tied_negatives) += 1;
    ordered += tied_positives * (negatives + tied_negatives / 2);
    negatives += tied_negatives;
    positives += tied_positives;
    i = end;
  }
  return ordered / (negatives * positives);
}

TEST_F(GeneratedReviewsTest, SharesAreThoseOfTheRealReviews) {
  const table::Table table = generated_reviews({});
  ASSERT_EQ(table.num_rows(), 23'486);
  // Six standard errors around the shares that were put in.
  EXPECT_NEAR(null_share(table, "Title"), 0.162, 0.015);
  EXPECT_NEAR(null_share(table, "Review Text"), 0.036, 0.008);
  EXPECT_NEAR(null_share(table, "Class Name"), 0.0006, 0.001);
  const table::Column recommended = *table.column("Recommended IND");
  const table::Column age = *table.column("Age");
  double yes = 0;
  double ages = 0;
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    yes += recommended.as_number(row);
    ages += age.as_number(row);
    EXPECT_GE(age.integers()[row], 18);
    EXPECT_LE(age.integers()[row], 99);
  }
  EXPECT_NEAR(yes / 23'486, 0.822, 0.015);
  EXPECT_NEAR(ages / 23'486, 43.2, 0.5);
}

TEST_F(GeneratedReviewsTest, TextsAreLikeReviewsAndDoNotRepeat) {
  const table::Table table = generated_reviews({});
  const table::Column text = *table.column("Review Text");
  std::set<std::string_view> seen;
  std::int64_t repeated = 0;
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    if (text.is_null(row)) continue;
    EXPECT_LE(text.text(row).size(), 508u);
    EXPECT_GE(text.text(row).size(), 9u);
    repeated += seen.insert(text.text(row)).second ? 0 : 1;
  }
  EXPECT_LT(repeated, 23);
}

TEST_F(GeneratedReviewsTest, TheKnownTruthIsCalibratedAndTellsTheAnswersApart) {
  const GeneratedReviews options;
  const std::vector<double> probabilities = generated_probabilities(options);
  const table::Table table = generated_reviews(options);
  const table::Column recommended = *table.column("Recommended IND");
  // The best model's AUC lies a little above what is reached on the real reviews.
  const double best = auc(probabilities, recommended);
  EXPECT_GT(best, 0.95);
  EXPECT_LT(best, 0.97);
  double expected = 0;
  double yes = 0;
  double variance = 0;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    if (probabilities[i] > 0.5) continue;
    expected += probabilities[i];
    variance += probabilities[i] * (1 - probabilities[i]);
    yes += recommended.as_number(static_cast<std::int64_t>(i));
  }
  EXPECT_NEAR(yes, expected, 5 * std::sqrt(variance)) << "among rows that are called unlikely, as many recommend as is said";
}

TEST_F(GeneratedReviewsTest, ARowDependsOnSeedAndNumberAlone) {
  const table::Table few = generated_reviews({.num_rows = 50, .seed = 3});
  const table::Table more = generated_reviews({.num_rows = 80, .seed = 3});
  const table::Table other = generated_reviews({.num_rows = 50, .seed = 4});
  std::vector<std::int64_t> first(50);
  for (std::size_t i = 0; i < first.size(); ++i) first[i] = static_cast<std::int64_t>(i);
  EXPECT_EQ(shown(few), shown(more.take(first)));
  EXPECT_NE(shown(few), shown(other));
}

TEST_F(GeneratedReviewsTest, TheFileReadsBackAndSaysWhatItIs) {
  const GeneratedReviews options{.num_rows = 5000, .seed = 1};
  for (const char* name : {"r.csv", "r.parquet"}) {
    const auto written = write_generated_reviews(path_of(name), options);
    ASSERT_TRUE(written) << written.error().text();
    const auto read = read_table(path_of(name));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(shown(*read), shown(generated_reviews(options)));
    EXPECT_EQ(read->schema().fields[0].name, "unnamed_0");
    auto source = open_source(path_of(name));
    ASSERT_TRUE(source);
    EXPECT_EQ((*source)->origin()->note, "generated with known truth, not real reviews") << name;
  }
}

}  // namespace
}  // namespace cupel::source
