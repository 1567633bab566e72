#pragma once

#include <cstdint>
#include <span>

#include "stats/interval.h"
#include "stats/p_value.h"

namespace cupel::stats {

enum class Continuity { none, corrected };

/// Difference of two independent shares, second minus first, by Newcombe 1998, method 10 (Wilson intervals squared and added): keeps its
/// coverage at small samples and extreme shares. An empty sample contributes [0, 1].
Interval newcombe_difference(std::int64_t successes_a, std::int64_t n_a, std::int64_t successes_b, std::int64_t n_b, double confidence);

/// The same difference by the normal limit with unpooled variances (Wald), optionally with Yates' correction as R's prop.test.
Interval wald_difference(std::int64_t successes_a, std::int64_t n_a, std::int64_t successes_b, std::int64_t n_b, double confidence,
                         Continuity continuity = Continuity::none);

/// Pooled test of equal shares: statistic z (second minus first), its limit p-value. `greater`: the second share is larger. Equal
/// degenerate shares (all 0 or all 1, or an empty sample) give z 0, p 1.
TestResult two_proportion_test(std::int64_t successes_a, std::int64_t n_a, std::int64_t successes_b, std::int64_t n_b,
                               Alternative alternative = Alternative::two_sided, Continuity continuity = Continuity::none);

/// Equality of several shares: chi-square on groups - 1 degrees of freedom, as R's prop.test.
TestResult several_proportions_test(std::span<const std::int64_t> successes, std::span<const std::int64_t> totals);

/// Fisher's exact test of a 2 x 2 table {{a, b}, {c, d}}; two-sided: all tables at most as likely. `greater`: odds ratio above 1.
double fisher_exact(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d, Alternative alternative = Alternative::two_sided);

}  // namespace cupel::stats
