#include "expectations/profile_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "base/text.h"
#include "expectations/data_check.h"
#include "expectations/subjects_internal.h"
#include "states/scan.h"

namespace cupel::expectations {
namespace {

using states::Estimate;
using states::Profile;
using suite::Expectation;
using suite::Limit;
using suite::Outcome;

/// What a sketched column still tells of a subject; empty: nothing.
struct Told {
  std::optional<Estimate> value;  ///< empty: undefined
  std::int64_t rows = 0;
  bool counts_rows = false;  ///< of `rows`, so that limits may be shares
};

std::optional<Told> told_by(const Expectation& expectation, const Profile::ColumnEntry& column) {
  const std::string_view subject = expectation.subject->name;
  const states::ColumnProfile& facts = column.facts;
  const auto exact = [](std::optional<double> value) { return value ? std::optional(Estimate::exactly(*value)) : std::nullopt; };
  if (subject == "nulls") return Told{Estimate::exactly(static_cast<double>(facts.nulls())), facts.nulls() + facts.count(), true};
  if (subject == "distinct") return Told{facts.frequencies().distinct(), facts.count(), true};
  if (!table::is_numeric(column.type)) return std::nullopt;
  const states::Moments moments = facts.moments();
  if (subject == "min") return Told{exact(moments.min()), moments.count(), false};
  if (subject == "max") return Told{exact(moments.max()), moments.count(), false};
  if (subject == "sum") return Told{exact(moments.sum()), moments.count(), false};
  if (subject == "mean") return Told{exact(moments.mean()), moments.count(), false};
  if (subject == "stddev") return Told{exact(moments.stddev()), moments.count(), false};
  if (subject == "skewness") return Told{exact(moments.skewness()), moments.count(), false};
  if (subject == "kurtosis") return Told{exact(moments.kurtosis()), moments.count(), false};
  if (subject == "interquartile_range") {
    const states::Quantiles quantiles = facts.quantiles();
    const auto lower = quantiles.quantile(0.25);
    const auto upper = quantiles.quantile(0.75);
    if (!lower || !upper) return Told{std::nullopt, 0, false};
    const Estimate range = {upper->value - lower->value, std::max(0.0, upper->low - lower->high), upper->high - lower->low, std::max(0.0, lower->confidence + upper->confidence - 1)};
    return Told{range, quantiles.count(), false};
  }
  double at = 0.5;
  if (subject == "quantile") {
    const yaml::Node* node = expectation.parameter("at");
    const auto share = node == nullptr ? Result<double>(0.5) : node->share("'at'");
    if (!share) return std::nullopt;
    at = *share;
  } else if (subject != "median") {
    return std::nullopt;
  }
  const states::Quantiles quantiles = facts.quantiles();
  return Told{quantiles.quantile(at), quantiles.count(), false};
}

/// Judges by the bounds; false if the limits ask for more than numbers.
bool judge_told(const Expectation& expectation, const Told& told, Outcome& outcome) {
  const suite::Predicate& predicate = *expectation.predicate;
  if (!predicate.has_only_numbers()) return false;
  outcome.rows_tested = told.rows;
  if (told.rows == 0 || !told.value) {
    outcome.cannot(fmt::format("{} of {} values is not defined", expectation.subject->name, with_thousands(told.rows)));
    return true;
  }
  Estimate value = *told.value;
  if (told.counts_rows && predicate.has_only(Limit::Kind::share)) {
    const auto n = static_cast<double>(told.rows);
    value = {value.value / n, value.low / n, value.high / n, value.confidence};
  }
  outcome.observed = value.value;
  std::string bound;
  if (!value.is_exact()) {
    outcome.interval = suite::Interval{value.low, value.high, value.confidence};
    bound = fmt::format(" (from {} to {})", number_text(value.low), number_text(value.high));
  }
  if (is_decided(predicate, value.low, value.high)) {
    outcome.pass_if(predicate.accepts(value.value));
  } else {
    outcome.verdict = suite::Verdict::inconclusive;
  }
  outcome.message = fmt::format("{} {}{} over {} values, expected {}; known from sketches", expectation.subject->name, number_text(value.value), bound,
                                with_thousands(told.rows), predicate.words());
  return true;
}

/// The columns that an expectation reads in the data, filters included; empty also when it cannot be planned, which the run will tell.
Result<std::set<int>> columns_of(const Expectation& expectation, const table::Schema& schema, const table::Schema* reference, const RunOptions& options) {
  const auto& subject = static_cast<const DataSubject&>(*expectation.subject);
  ASSIGN_OR_RETURN(const auto check, subject.make(expectation));
  states::Plan plan(schema);
  std::optional<states::Plan> other;
  if (reference != nullptr) other.emplace(*reference);
  std::optional<table::Expression> where = expectation.where ? expectation.where : options.where;
  if (expectation.where && options.where) where = table::Expression::all_of(*options.where, *expectation.where);
  std::set<int> fields;
  if (where && !where->bind(schema)) return fields;
  if (!check->plan(Planning{&plan, other ? &*other : nullptr, where, options.state_bytes})) return fields;
  for (const table::ColumnRequest& request : plan.requests()) fields.insert(request.field);
  return fields;
}

/// Subjects over several columns that look at each for itself.
bool takes_columns_apart(const Expectation& expectation) {
  constexpr std::array<std::string_view, 3> k_subjects = {"columns_with_nulls", "constant_columns", "empty_columns"};
  return std::find(k_subjects.begin(), k_subjects.end(), expectation.subject->name) != k_subjects.end();
}

/// Is it answered by nulls and extremes, which sketched columns have, too?
bool looks_at_ends_alone(const Expectation& expectation) { return takes_columns_apart(expectation) && expectation.parameter("almost") == nullptr; }

/// Why the profile has no answer, or empty.
std::string why_not(const Expectation& expectation, bool filtered, const std::set<int>& fields, const Profile& profile) {
  if (expectation.entry.find("by") != nullptr) return "it asks for groups, and a profile keeps none";
  if (fields.size() > 1 && (filtered || !takes_columns_apart(expectation))) {
    std::vector<std::string> names;
    for (const int field : fields) names.push_back(fmt::format("'{}'", profile.columns[static_cast<std::size_t>(field)].name));
    return fmt::format("it reads {} row by row, and a profile keeps each column for itself", join(names, ", "));
  }
  if (expectation.predicate && expectation.predicate->name() == "order") return "a profile does not keep the order of the rows";
  return {};
}

void forget_rows(Outcome& outcome) {
  if (outcome.unexpected) outcome.unexpected->examples.clear();
  outcome.unexpected_rows = {};
  // "first in row 78: '19'" becomes "such as '19'".
  constexpr std::string_view k_first = "first in row ";
  const std::size_t at = outcome.message.find(k_first);
  const std::size_t end = at == std::string::npos ? at : outcome.message.find(": ", at);
  if (end != std::string::npos) outcome.message.replace(at, end + 2 - at, "such as ");
}

}  // namespace

Result<suite::Report> check_profile(const suite::Suite& suite, states::ProfileSource& data, table::BatchSource* reference, const RunOptions& options) {
  suite::Suite answerable = suite;
  answerable.expectations.clear();
  std::vector<std::optional<Outcome>> told;  // one an expectation; empty: the run answers
  for (const Expectation& expectation : suite.expectations) {
    ASSIGN_OR_RETURN(const std::set<int> fields, columns_of(expectation, data.schema(), reference != nullptr ? &reference->schema() : nullptr, options));
    const bool filtered = expectation.where || options.where;
    std::string why = why_not(expectation, filtered, fields, data.profile());
    const auto sketched = std::find_if(fields.begin(), fields.end(), [&](int field) { return !data.profile().columns[static_cast<std::size_t>(field)].facts.is_exact(); });
    if (why.empty() && (sketched == fields.end() || (looks_at_ends_alone(expectation) && !filtered))) {
      answerable.expectations.push_back(expectation);
      told.emplace_back();
      continue;
    }
    Outcome outcome = expectation.outcome();
    // Of several columns nothing is told unless all are exact.
    const Profile::ColumnEntry* column = why.empty() ? &data.profile().columns[static_cast<std::size_t>(*sketched)] : nullptr;
    const std::optional<Told> known = column != nullptr && fields.size() == 1 && !filtered && expectation.predicate ? told_by(expectation, *column) : std::nullopt;
    if (!known || !judge_told(expectation, *known, outcome)) {
      if (why.empty()) {
        why = fmt::format("column '{}' has about {} different values, of which the profile keeps sketches", column->name,
                          with_thousands(std::llround(column->facts.frequencies().distinct().value)));
      }
      outcome.cannot("not answerable from a profile: " + why);
    }
    told.emplace_back(std::move(outcome));
  }
  data.stand_in_for_sketches();
  ASSIGN_OR_RETURN(suite::Report report, run_suite(answerable, data, reference, options));
  std::vector<Outcome> all;
  std::size_t next = 0;
  for (std::optional<Outcome>& outcome : told) {
    if (!outcome && next < report.results.size()) outcome = std::move(report.results[next++]);
    if (!outcome) continue;
    forget_rows(*outcome);
    all.push_back(std::move(*outcome));
  }
  report.results = std::move(all);
  return report;
}

}  // namespace cupel::expectations
