#pragma once

#include <cstdint>
#include <string>

#include "drift/distances.h"
#include "drift/levels.h"
#include "drift/units.h"
#include "stats/interval.h"

namespace cupel::drift {

struct ResampleOptions {
  std::uint64_t seed = 0;
  std::string purpose = "drift";     ///< names the stream: a column and what is compared
  std::int64_t permutations = 1999;  ///< relabelings at most; at least 400 are drawn
  int bootstraps = 400;
  double confidence = 0.95;
};

/// What re-drawing the units says about a distance.
struct Resampled {
  double distance = 0;
  /// Of "both samples come from one source": how often a random relabeling of the units gives at least this distance,
  /// (1 + at least as large) / (1 + draws); valid at any sizes, ties and shapes of units. Drawing stops early once 20 were as large
  /// (Besag and Clifford 1991), which keeps it valid.
  double p_value = 1;
  std::int64_t draws = 0;
  double null_mean = 0;  ///< of the distance under random relabeling: what two samples of this size show without any drift
  double null_stddev = 0;
  double null_95 = 0;         ///< its 95 % quantile
  double standard_error = 0;  ///< of the distance, by redrawing the units of each side with replacement
  /// Holds at any true distance: the distance less and plus the quantile of the re-drawn noise (triangle inequality), cut to >= 0.
  stats::Interval interval;
};

/// More than 4,096 ordered levels are joined into as many of about equal size before anything is re-drawn (the distance itself is exact);
/// that hides at most 1/4096 of a KS distance from the draws. Cost: (permutations + bootstraps) * (levels + units of the smaller side).
/// Both sides need a present row, else everything is 0 and p 1.
Resampled resample(Distance distance, const Levels& levels, const Units& units, const ResampleOptions& options);

}  // namespace cupel::drift
