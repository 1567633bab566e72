#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "ab/peeking.h"
#include "suite/verdict.h"

namespace cupel::ab {

/// An experiment played through many times, with nothing to find (A/A) and with a known difference (A/B).
struct Rehearsal {
  enum class Kind {
    share,  ///< outcomes 0 or 1 with the baseline share
    mean,   ///< normal outcomes with this standard deviation
    rows,   ///< the user's own rows: units are dealt to the arms anew in every run
  };
  Kind kind = Kind::share;
  double baseline = 0.1;
  double stddev = 1;
  double lift = 0;  ///< known difference of the A/B runs; 0: A/A runs only
  std::int64_t units = 1000;
  double share_of_treatment = 0.5;
  int looks = 1;
  Peeking::Kind peeking = Peeking::Kind::once;  ///< once with several looks: the naive test, repeated
  stats::Spending spending = stats::Spending::obrien_fleming;
  double alpha = 0.05;
  std::optional<double> power;  ///< wanted
  int runs = 10'000;
  std::uint64_t seed = 1;
  int threads = 1;
  /// Of Kind::rows.
  std::vector<double> values;
  std::vector<std::uint32_t> unit_of_row;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress{};
};

/// How often some look rejected: exact binomial intervals. The rate of false alarms passes when its interval lies below 1.2 alpha (an exact
/// test's own rate is alpha, so the limit leaves room to tell), the power when its interval lies above the wanted one less 2 points.
std::vector<suite::Outcome> rehearse(const Rehearsal& rehearsal);

/// Runs in which some look rejected, under this difference. The same number for any number of threads.
std::int64_t rejections(const Rehearsal& rehearsal, double lift);

}  // namespace cupel::ab
