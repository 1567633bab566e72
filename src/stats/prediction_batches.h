#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cupel::stats {

// What batches in the order in which they came tell of things that come seldom and together: records, bursts. Counts in, counts out.

/// Chance of at least `records` new maxima among batches of these sizes (the first one is none) when the order of the batches means nothing: batch b holds the
/// largest value so far with chance 1 / b, or by its share of the rows so far if that is more, independently of the others (Renyi 1962). Small: the maximum
/// grows with time, as that of numbers does which are given out in ascending order.
double record_p_value(std::span<const std::int64_t> batch_rows, std::int64_t records);

/// Chance of bursts at least as large as these together if each further row of a burst came with this chance, independently (negative binomial): small when
/// what is new comes in clusters.
double burst_p_value(std::span<const std::int64_t> sizes, double chance_of_another);

/// Rows of the next batch that belong to a burst, at most, with chance 1 - alpha: of `batches` seen `hit` had one (Laplace: the next has one with chance
/// (hit + 1) / (batches + 2)), and `sizes` (rows, at least 1 each) are those of the bursts known. Sizes are 1 + a geometric number with an
/// unknown mean; its posterior from the prior Beta(0, 1/2) gives the beta-geometric distribution of the next one, whose tail is heavy while few bursts are known (for
/// large bursts that of an exponential size, which holds exactly over both samples).
/// 0 when a burst itself has no more chance than alpha; without any burst known, so few that nothing is said: `next_rows`.
std::int64_t burst_prediction(std::int64_t batches, std::int64_t hit, std::span<const std::int64_t> sizes, std::int64_t next_rows, double alpha);

}  // namespace cupel::stats
