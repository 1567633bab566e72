#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "stats/group_sequential.h"
#include "stats/power.h"

namespace cupel::ab {

/// What is known before an experiment. Exactly one of units, detect and power is left open and found.
struct SizingQuestion {
  enum class Kind { share, mean, paired };
  Kind kind = Kind::share;
  double baseline = 0;                 ///< share: of the control
  double stddev = 1;                   ///< mean
  double disagree = 0;                 ///< paired: share of rows on which the models disagree
  std::optional<double> detect;        ///< difference to find, signed for shares
  std::optional<double> units;         ///< in all arms together
  std::optional<double> power;
  double alpha = 0.05;
  bool one_sided = false;
  double share_of_treatment = 0.5;
  int looks = 1;                       ///< planned looks at equally spaced counts
  stats::Spending spending = stats::Spending::obrien_fleming;
  double cluster_size = 1;             ///< rows that belong together on average
  double cluster_correlation = 0;      ///< intra-cluster correlation in [0, 1]
  std::optional<double> per_day;       ///< units that arrive a day
};

struct Sizing {
  double units = 0;   ///< in all, whole
  double detect = 0;
  double power = 0;
  double inflation = 1;      ///< by looking several times
  double design_effect = 1;  ///< by clusters: 1 + (size - 1) correlation (Kish 1965)
  std::optional<double> days;
  std::string text;   ///< for people
  Json json;
};

/// Errors: not exactly one of the three open, values out of range, a difference that leaves [0, 1].
Result<Sizing> size_experiment(const SizingQuestion& question);

}  // namespace cupel::ab
