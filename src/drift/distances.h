#pragma once

#include <span>
#include <string_view>

#include "drift/levels.h"

namespace cupel::drift {

/// How far apart two samples are, by their counts a level. All are 0 for equal shares and finite; an empty side gives 0.
/// All but `wasserstein` are shares of rows: "10 %" means that at least a tenth of the rows would have to change.
enum class Distance {
  ks,               ///< largest gap of the distribution functions (ordered levels); unit-free, blind to how far values moved
  total_variation,  ///< half the sum of absolute differences of shares (categories)
  auc,              ///< |2 AUC - 1|: how well the quantity alone tells a current row from a reference row (ordered levels)
  wasserstein,      ///< area between the distribution functions / standard deviation of the reference; unit-free, feels the tails
};
std::string_view distance_name(Distance distance);

/// `values` of the levels, for wasserstein only. Infinite values count at the largest finite one.
double distance_of(Distance distance, const LevelCounts& counts, std::span<const double> values);

/// P(current > reference) + P(equal) / 2.
double auc_of(const LevelCounts& counts);

}  // namespace cupel::drift
