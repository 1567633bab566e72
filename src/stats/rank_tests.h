#pragma once

#include <span>

#include "stats/p_value.h"

namespace cupel::stats {

/// Mann-Whitney U of the first sample (pairs in which x is above y, ties half). Exact without ties up to n m = 10,000, else the normal limit
/// with the variance corrected for ties and a continuity correction. An empty sample or all values equal: p 1.
struct RankTest {
  double statistic = 0;
  double p_value = 1;  ///< two-sided
  PValueMethod method = PValueMethod::exact;
  double cliffs_delta = 0;  ///< P(x > y) - P(x < y), in [-1, 1]; of Wilcoxon: the rank-biserial correlation
};
RankTest mann_whitney(std::span<const double> sorted_x, std::span<const double> sorted_y);

/// Wilcoxon's signed-rank test of symmetric differences around 0; zero differences are dropped. Statistic: sum of positive ranks. Exact
/// up to 50 differences without ties, else the normal limit corrected for ties. No difference: p 1.
RankTest wilcoxon_signed_rank(std::span<const double> differences);

}  // namespace cupel::stats
