#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/table.h"

namespace cupel::source {

/// Made-up reviews of a clothing shop for where the real ones are not at hand, with the columns, kinds of values, nulls and shares of
/// "Women's E-Commerce Clothing Reviews", and with a truth that is known because it was put there:
///
/// - A product (`Clothing ID`) has a class, and with it a department; its quality shifts the log-odds of a recommendation by 0.3 times a
///   standard normal. On average 82.2 % of the reviews recommend.
/// - Each sentence of a review praises, complains or does neither. Of the sentences of who recommends 66 % praise and 9 % complain; of
///   the others 27 % and 47 %. Nothing else in the text knows the answer, so that no model can do better than `probability`.
/// - The rating follows from the recommendation alone (and would give it away); age and feedback follow from nothing.
/// - Null are: the text in 1.5 % of the reviews of one or two stars and in 3.8 % of the others; the title mostly with it and else in 13.1 %;
///   division, department and class together in 0.06 %.
struct GeneratedReviews {
  std::int64_t num_rows = 23'486;
  std::uint64_t seed = 7;
};

/// The reviews in memory: the row index without a name is called `unnamed_0`, as the reader calls it. Row i depends on the seed and i
/// alone.
table::Table generated_reviews(const GeneratedReviews& options);

/// What the best possible model says of each row: the probability of a recommendation given the sentences (of which it knows the kind)
/// and the product.
std::vector<double> generated_probabilities(const GeneratedReviews& options);

/// Writes them as CSV (the index column without a name) or Parquet, and the fact beside it in `PATH.origin`, where the reader finds it.
Result<void> write_generated_reviews(const std::string& path, const GeneratedReviews& options);

}  // namespace cupel::source
