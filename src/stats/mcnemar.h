#pragma once

#include <cstdint>

#include "stats/interval.h"
#include "stats/p_value.h"
#include "stats/two_proportions.h"

namespace cupel::stats {

/// The same rows judged twice: how often both were right, only the first, only the second, neither.
struct PairedOutcomes {
  std::int64_t both = 0;
  std::int64_t first_only = 0;   ///< b
  std::int64_t second_only = 0;  ///< c
  std::int64_t neither = 0;

  std::int64_t total() const { return both + first_only + second_only + neither; }
  /// Share of the second minus share of the first; 0 for no rows.
  double difference() const;
};

/// McNemar 1947: two-sided p-values that both are right equally often. Rows on which they agree do not matter. No disagreement: p 1.
double mcnemar_exact(std::int64_t first_only, std::int64_t second_only);
/// Exact with half of the observed outcome's mass taken off (Fagerland, Lydersen, Laake 2013): closer to nominal size. The default.
double mcnemar_mid_p(std::int64_t first_only, std::int64_t second_only);
/// The chi-square limit on 1 degree of freedom.
TestResult mcnemar_asymptotic(std::int64_t first_only, std::int64_t second_only, Continuity continuity);

/// Interval of the difference of the two shares, second minus first (Newcombe 1998b, method 10: Wilson intervals with the paired
/// correlation). With no rows [-1, 1].
Interval paired_difference(const PairedOutcomes& outcomes, double confidence);

}  // namespace cupel::stats
