#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace cupel::stats {

/// One cell of a table of counts over two categorical variables that is not empty: rows and columns are numbered from 0 without holes.
struct ContingencyCell {
  std::size_t row = 0;
  std::size_t column = 0;
  std::int64_t count = 0;  ///< > 0
};

// Measures of association of the row variable A with the column variable B; each cell at most once. Empty when undefined: no cells, or a
// variable with a single category where the measure divides by its variation.

/// Cramér's V with Bergsma's correction of its bias (Bergsma 2013, "A bias-correction for Cramér's V and Tschuprow's T", eqs 4 and 5), in
/// [0, 1]. The plain one grows with the number of categories when there is no association at all.
std::optional<double> cramers_v(std::span<const ContingencyCell> cells);
/// In nats: sum p(a, b) log(p(a, b) / (p(a) p(b))).
std::optional<double> mutual_information(std::span<const ContingencyCell> cells);
/// Theil's U: share of B's entropy that knowing A takes away, I(A; B) / H(B), in [0, 1]. Not symmetric. Undefined if B does not vary.
std::optional<double> theils_u(std::span<const ContingencyCell> cells);
/// How much better B is guessed with A than without, in [0, 1]: (r - g) / (1 - g), at least 0. r is the share of rows whose B is the strictly
/// most common one among the other rows with the same A; g the same among all other rows. Leaving the row itself out keeps an A that is
/// different in every row from looking like a perfect predictor. Not symmetric. Undefined if B does not vary.
std::optional<double> predictive_power(std::span<const ContingencyCell> cells);

}  // namespace cupel::stats
