#pragma once

#include <string>

#include "base/yaml.h"
#include "stats/interval.h"
#include "suite/suite.h"

namespace cupel::expectations {

/// `within: {tvd: 3%}` or `{ks: 0.05}`, and `confidence: 99%`: when a difference matters, and how sure a test must be that it is there.
struct Margin {
  double value = 0.05;
  double confidence = 0.99;
  double alpha() const { return 1 - confidence; }
};

enum class DistanceKind { total_variation, kolmogorov_smirnov };

/// Reads the parameters; `kind` says which key `within` may have.
Result<Margin> read_margin(const suite::Expectation& expectation, DistanceKind kind);

/// What a comparison of distributions found.
struct Likeness {
  double distance = 0;
  stats::Interval interval;
  double p_value = 1;
  double detectable = 1;  ///< smallest distance found with power 80 % at this many rows
  std::string test;       ///< "chi-square, df 5, asymptotic"
};

/// The verdict, and why:
/// - fail: the difference is there (p < 1 - confidence) and it matters (distance above the margin);
/// - pass: the distance is within the margin, and a difference of the margin's size would have been found (power 80 %) or is ruled out by the
///   interval;
/// - inconclusive: large but not shown, or small on too few rows to tell.
void judge_likeness(const Likeness& likeness, const Margin& margin, DistanceKind kind, std::string_view compared, suite::Outcome& outcome);

}  // namespace cupel::expectations
