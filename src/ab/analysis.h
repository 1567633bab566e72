#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ab/assignment.h"
#include "ab/claim.h"
#include "ab/peeking.h"
#include "base/json.h"
#include "base/result.h"
#include "suite/verdict.h"
#include "table/table.h"

namespace cupel::ab {

/// One line of the table of what an analysis reports.
struct MeasureEntry {
  std::string_view name;
  std::string_view summary;
};
/// Sorted by name: difference, exposures, paired_difference, sample_ratio.
std::span<const MeasureEntry> measures();

/// What is asked, and how sure the answer has to be.
struct Question {
  Claim claim = Claim::not_worse;
  double margin = 0;  ///< in the unit of the metric; >= 0
  double confidence = 0.95;
  double ratio_alpha = 0.001;
  Peeking peeking;
  std::uint64_t seed = 0;
  std::string because;  ///< why this claim and margin; may be empty
};

struct Analysis {
  std::vector<suite::Outcome> outcomes;
  Json facts = Json::object();  ///< for the report's `extra`
};

/// A judged difference: fills interval, p-value, effect, detectable, verdict and message of an outcome. `sign` +1: more is better, -1: less
/// is. `describe` says what was compared ("b 12.1 % minus a 10.0 %").
enum class Unit { number, share };
struct Difference {
  stats::Estimate estimate;     ///< treatment minus control, in the metric's own direction
  stats::Interval interval;     ///< of the same
  double p_value = 1;
  double sign = 1;
  Unit unit = Unit::number;
};
void judge_difference(const Difference& difference, const Question& question, std::string_view described, suite::Outcome& outcome);
/// "+1.36 %" of shares in points, "+0.0123" of numbers.
std::string signed_text(double value, Unit unit);
/// Three digits of a p-value.
std::string p_text(double p);

/// An experiment as one table: a row an observation.
struct ArmColumns {
  std::string unit;      ///< what was randomized; empty: each row
  std::string arm;
  std::string outcome;   ///< 0/1, true/false, or a number
  std::string control;   ///< the arm to compare with; empty: the first planned, else the first in sorted order
  std::string cluster;   ///< coarser than the unit; empty: the unit
  std::vector<Arm> plan;  ///< planned shares; empty: equal ones
  bool higher_is_better = true;
};
/// Sample ratio, exposures (units seen in several arms, left out), and a difference for each treatment; several treatments share the
/// error: intervals at 1 - alpha / k. Rows without an outcome are left out and counted by arm. Errors: unknown columns, an outcome that is
/// text, an arm that the plan does not name, fewer than 2 arms.
Result<Analysis> analyze_arms(const table::Table& table, const ArmColumns& columns, const Question& question);

}  // namespace cupel::ab
