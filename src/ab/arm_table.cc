#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "ab/analysis.h"
#include "ab/sample_ratio.h"
#include "base/text.h"
#include "stats/clusters.h"
#include "stats/two_proportions.h"

namespace cupel::ab {
namespace {

using suite::Outcome;

/// The table as numbers: one entry a row that counts.
struct Observations {
  std::vector<Arm> arms;
  std::size_t control = 0;
  Units units;
  std::vector<int> arm_of_unit;  ///< -1: seen in several arms
  std::vector<std::int64_t> units_per_arm;
  std::int64_t exposed_to_several = 0;
  std::vector<double> values;                 ///< of the rows that count
  std::vector<std::uint8_t> arm;              ///< the same rows
  std::vector<std::uint32_t> cluster;         ///< the same rows
  std::vector<std::int64_t> without_outcome;  ///< rows by arm
  bool independent = true;                    ///< each row its own cluster
  bool shares = true;                         ///< all values 0 or 1
};

Result<table::Column> outcome_column(const table::Table& table, const std::string& name) {
  ASSIGN_OR_RETURN(const table::Column column, table.column(name));
  if (!table::is_numeric(column.type)) {
    return fail("column '{}' holds {}, expected 0 and 1, true and false, or numbers as outcome", name, table::type_name(column.type));
  }
  return column;
}

Result<std::vector<Arm>> arms_of(const table::Column& column, const ArmColumns& columns) {
  std::map<std::string, int> names;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (column.is_null(row))
      return fail_with_hint(fmt::format("row {} has no '{}', so it is in no arm", row, columns.arm), "leave such rows out with --where");
    names.try_emplace(table::value_text(column, row), 0);
    if (names.size() > 20) return fail("column '{}' has more than 20 values, expected the name of an arm in each row", columns.arm);
  }
  std::vector<Arm> arms = columns.plan;
  if (arms.empty()) {
    for (const auto& [name, unused] : names) arms.push_back({name, 1.0 / static_cast<double>(names.size())});
  }
  std::vector<std::string> planned;
  for (const Arm& arm : arms) planned.push_back(arm.name);
  for (const auto& [name, unused] : names) {
    if (std::ranges::find(planned, name) == planned.end()) {
      return fail("arm '{}' in column '{}' is not planned{}", shorten(name, 40), columns.arm, nearest_note(name, planned));
    }
  }
  if (arms.size() < 2) return fail("{} arm in column '{}', expected at least 2", arms.size(), columns.arm);
  return arms;
}

Result<std::size_t> control_of(std::span<const Arm> arms, const std::string& name) {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < arms.size(); ++i) {
    if (arms[i].name == name) return i;
    known.push_back(arms[i].name);
  }
  if (name.empty()) return 0;
  return fail("unknown arm '{}' as control{}", shorten(name, 40), nearest_note(name, known));
}

std::size_t index_of(std::span<const Arm> arms, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(arms, name, &Arm::name) - arms.begin());
}

/// Arm of each unit, or -1 for units that were seen in several.
void place_units(const std::vector<std::uint8_t>& arm_of_row, Observations& out) {
  constexpr int k_unseen = -2;
  out.arm_of_unit.assign(out.units.names.size(), k_unseen);
  for (std::size_t row = 0; row < arm_of_row.size(); ++row) {
    int& arm = out.arm_of_unit[out.units.of_row[row]];
    arm = arm == k_unseen || arm == arm_of_row[row] ? arm_of_row[row] : -1;
  }
  out.units_per_arm.assign(out.arms.size(), 0);
  for (const int arm : out.arm_of_unit) {
    if (arm >= 0)
      ++out.units_per_arm[static_cast<std::size_t>(arm)];
    else
      ++out.exposed_to_several;
  }
}

Result<Units> rows_as_units(std::int64_t num_rows) {
  Units units;
  for (std::int64_t row = 0; row < num_rows; ++row) {
    units.of_row.push_back(static_cast<std::uint32_t>(row));
    units.names.push_back(std::to_string(row));
  }
  return units;
}

Result<Observations> observe(const table::Table& table, const ArmColumns& columns) {
  Observations out;
  ASSIGN_OR_RETURN(const table::Column arm_column, table.column(columns.arm));
  ASSIGN_OR_RETURN(const table::Column outcome, outcome_column(table, columns.outcome));
  if (table.num_rows() == 0) return fail("the table has no rows, so there is nothing to compare");
  ASSIGN_OR_RETURN(out.arms, arms_of(arm_column, columns));
  ASSIGN_OR_RETURN(out.control, control_of(out.arms, columns.control));
  if (columns.unit.empty()) {
    ASSIGN_OR_RETURN(out.units, rows_as_units(table.num_rows()));
  } else {
    ASSIGN_OR_RETURN(const table::Column unit_column, table.column(columns.unit));
    ASSIGN_OR_RETURN(out.units, units_of(unit_column, columns.unit));
  }
  std::optional<Units> clusters;
  if (!columns.cluster.empty()) {
    ASSIGN_OR_RETURN(const table::Column cluster_column, table.column(columns.cluster));
    ASSIGN_OR_RETURN(clusters, units_of(cluster_column, columns.cluster));
  }
  std::vector<std::uint8_t> arm_of_row;
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    arm_of_row.push_back(static_cast<std::uint8_t>(index_of(out.arms, table::value_text(arm_column, row))));
  }
  place_units(arm_of_row, out);
  out.without_outcome.assign(out.arms.size(), 0);
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    const auto at = static_cast<std::size_t>(row);
    if (out.arm_of_unit[out.units.of_row[at]] < 0) continue;
    const double value = outcome.is_null(row) ? std::numeric_limits<double>::quiet_NaN() : outcome.as_number(row);
    if (!std::isfinite(value)) {
      ++out.without_outcome[arm_of_row[at]];
      continue;
    }
    out.values.push_back(value);
    out.arm.push_back(arm_of_row[at]);
    out.cluster.push_back(clusters ? clusters->of_row[at] : out.units.of_row[at]);
    out.shares &= value == 0 || value == 1;
  }
  std::vector<std::uint64_t> names(out.cluster.begin(), out.cluster.end());
  out.cluster = stats::dense_clusters(names);
  const std::size_t count = out.cluster.empty() ? 0 : std::size_t{*std::ranges::max_element(out.cluster)} + 1;
  out.independent = count == out.values.size();
  return out;
}

Outcome exposure_outcome(const Observations& seen, const std::string& unit) {
  // GrowthBook's limits for a warning: more than 1 % of the units, and at least 10 of them.
  constexpr double k_share = 0.01;
  constexpr std::int64_t k_count = 10;
  Outcome outcome;
  outcome.id = outcome.subject = "exposures";
  outcome.columns = {unit};
  outcome.predicate = "at_most";
  const auto units = static_cast<std::int64_t>(seen.units.names.size());
  const double share = static_cast<double>(seen.exposed_to_several) / static_cast<double>(units);
  outcome.observed = share;
  outcome.limit = k_share;
  outcome.rows_tested = units;
  outcome.because = "A unit that was seen in several arms belongs to none; when they are many, units are not told apart as they should be.";
  outcome.pass_if(share <= k_share || seen.exposed_to_several < k_count);
  outcome.message = fmt::format("{} of {} units were seen in more than one arm ({}) and are left out; at most 1 % is accepted",
                                with_thousands(seen.exposed_to_several), with_thousands(units), percent_text(share));
  return outcome;
}

/// The rows of two arms, the control as 0 and the treatment as 1.
struct TwoArms {
  std::vector<double> values;
  std::vector<std::uint8_t> arm;
  std::vector<std::uint32_t> cluster;
  stats::SampleMoments moments[2];
  double units = 0;
};

TwoArms two_arms(const Observations& seen, std::size_t treatment) {
  TwoArms rows;
  std::vector<double> by_arm[2];
  std::vector<std::uint64_t> clusters;
  for (std::size_t i = 0; i < seen.values.size(); ++i) {
    if (seen.arm[i] != seen.control && seen.arm[i] != treatment) continue;
    const std::uint8_t side = seen.arm[i] == treatment;
    rows.values.push_back(seen.values[i]);
    rows.arm.push_back(side);
    clusters.push_back(seen.cluster[i]);
    by_arm[side].push_back(seen.values[i]);
  }
  rows.cluster = stats::dense_clusters(clusters);
  rows.moments[0] = stats::sample_moments(by_arm[0]);
  rows.moments[1] = stats::sample_moments(by_arm[1]);
  rows.units = rows.cluster.empty() ? 0 : static_cast<double>(*std::ranges::max_element(rows.cluster)) + 1;
  return rows;
}

std::int64_t successes(const stats::SampleMoments& moments) {
  return static_cast<std::int64_t>(std::llround(moments.mean * static_cast<double>(moments.n)));
}

Difference compare(const TwoArms& rows, const Observations& seen, const Question& question) {
  Difference difference;
  difference.unit = seen.shares ? Unit::share : Unit::number;
  if (!seen.independent) {
    difference.estimate = stats::clustered_difference(rows.values, rows.arm, rows.cluster);
  } else {
    difference.estimate = stats::welch_difference(rows.moments[0], rows.moments[1]);
  }
  difference.interval = interval_under(question.peeking, difference.estimate, rows.units, question.confidence);
  difference.p_value = p_value_under(question.peeking, difference.estimate, rows.units, question.confidence);
  if (seen.independent && seen.shares && question.peeking.kind == Peeking::Kind::once) {
    const std::int64_t a = successes(rows.moments[0]);
    const std::int64_t b = successes(rows.moments[1]);
    difference.interval = stats::newcombe_difference(a, rows.moments[0].n, b, rows.moments[1].n, question.confidence);
    difference.p_value = stats::two_proportion_test(a, rows.moments[0].n, b, rows.moments[1].n).p_value;
  }
  return difference;
}

std::string level_text(double value, Unit unit) { return unit == Unit::share ? percent_text(value) : number_text(value); }

Outcome difference_outcome(const Observations& seen, std::size_t treatment, const ArmColumns& columns, const Question& question,
                           bool ratio_failed) {
  const std::string& b = seen.arms[treatment].name;
  const std::string& a = seen.arms[seen.control].name;
  Outcome outcome;
  outcome.id = fmt::format("difference({} - {})", b, a);
  outcome.subject = "difference";
  outcome.columns = {columns.outcome};
  const TwoArms rows = two_arms(seen, treatment);
  outcome.rows_tested = static_cast<std::int64_t>(rows.values.size());
  if (rows.moments[0].n == 0 || rows.moments[1].n == 0) {
    outcome.cannot(fmt::format("no outcome in arm '{}', so there is nothing to compare", rows.moments[0].n == 0 ? a : b));
    return outcome;
  }
  Difference difference = compare(rows, seen, question);
  difference.sign = columns.higher_is_better ? 1 : -1;
  const std::string described = fmt::format(
      "{} {} ({} rows) against {} {} ({} rows){}", b, level_text(rows.moments[1].mean, difference.unit), with_thousands(rows.moments[1].n),
      a, level_text(rows.moments[0].mean, difference.unit), with_thousands(rows.moments[0].n),
      seen.independent ? ""
                       : fmt::format(", error over {} values of '{}'", with_thousands(static_cast<std::int64_t>(rows.units)),
                                     columns.cluster.empty() ? columns.unit : columns.cluster));
  judge_difference(difference, question, described, outcome);
  if (ratio_failed) {
    outcome.verdict = suite::Verdict::inconclusive;
    outcome.message += "; not judged, because the sample ratio check failed";
  }
  return outcome;
}

}  // namespace

Result<Analysis> analyze_arms(const table::Table& table, const ArmColumns& columns, const Question& question) {
  ASSIGN_OR_RETURN(const Observations seen, observe(table, columns));
  Analysis analysis;
  analysis.outcomes.push_back(sample_ratio_outcome(seen.arms, seen.units_per_arm, columns.unit, question.ratio_alpha, question.seed));
  const bool ratio_failed = analysis.outcomes.back().verdict == suite::Verdict::fail;
  if (!columns.unit.empty()) analysis.outcomes.push_back(exposure_outcome(seen, columns.unit));
  Question each = question;
  each.confidence = 1 - (1 - question.confidence) / static_cast<double>(seen.arms.size() - 1);
  Json arms = Json::array();
  for (std::size_t i = 0; i < seen.arms.size(); ++i) {
    arms.push_back({{"name", seen.arms[i].name},
                    {"weight", seen.arms[i].weight},
                    {"units", seen.units_per_arm[i]},
                    {"rows_without_outcome", seen.without_outcome[i]}});
    if (i != seen.control) analysis.outcomes.push_back(difference_outcome(seen, i, columns, each, ratio_failed));
  }
  analysis.facts["arms"] = std::move(arms);
  analysis.facts["control"] = seen.arms[seen.control].name;
  analysis.facts["outcome"] = columns.outcome;
  if (!columns.unit.empty()) analysis.facts["unit"] = columns.unit;
  if (!columns.cluster.empty()) analysis.facts["cluster"] = columns.cluster;
  return analysis;
}

}  // namespace cupel::ab
