#pragma once

#include <optional>
#include <span>

namespace cupel::stats {

// Correlations of pairs, x[i] beside y[i] (equal lengths, all finite: CHECK). In [-1, 1]; empty when undefined: fewer than two pairs, or a
// sample without spread.

/// Pearson's r, in two passes about exact means.
std::optional<double> pearson(std::span<const double> x, std::span<const double> y);
/// Spearman's rho: Pearson's r of the mid-ranks.
std::optional<double> spearman(std::span<const double> x, std::span<const double> y);
/// Kendall's tau-b, corrected for ties, in n log n steps (Knight 1966).
std::optional<double> kendall(std::span<const double> x, std::span<const double> y);

}  // namespace cupel::stats
