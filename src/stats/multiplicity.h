#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace cupel::stats {

/// Corrections for testing several hypotheses at once. Family-wise (any false alarm): `bonferroni`, `holm` (1979, never worse and valid
/// under any dependence: the default), `hommel` (1988, positive dependence). False discovery rate: `benjamini_hochberg` (1995, independence or
/// positive dependence), `benjamini_yekutieli` (2001, any dependence).
enum class Correction { none, bonferroni, holm, hommel, benjamini_hochberg, benjamini_yekutieli };

/// "none", "bonferroni", "holm", "hommel", "bh", "by".
std::optional<Correction> correction_named(std::string_view name);
std::string_view correction_name(Correction correction);
std::span<const std::string_view> correction_names();

/// Adjusted p-values in the order given (as R's p.adjust): reject where adjusted <= alpha. p-values in [0, 1].
std::vector<double> adjusted_p_values(std::span<const double> p_values, Correction correction);

}  // namespace cupel::stats
