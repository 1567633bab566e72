#include "expectations/number_check.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "expectations/subjects_internal.h"

namespace cupel::expectations {

using suite::Limit;

bool refers_to_reference(const suite::Predicate& predicate) {
  return std::any_of(predicate.limits.begin(), predicate.limits.end(), [](const Limit& limit) { return limit.kind == Limit::Kind::reference; });
}

void resolve_reference(suite::Predicate& predicate, double value, std::optional<double> stddev) {
  Limit& limit = predicate.limits[0];
  double slack = limit.within_number.value_or(0);
  if (limit.within_share) slack = std::abs(value) * *limit.within_share;
  if (limit.within_stddevs) slack = stddev.value_or(0) * *limit.within_stddevs;
  limit.kind = Limit::Kind::number;
  limit.number = value;
  if (predicate.name() == "equals" && slack > 0) {
    predicate.info = suite::find_predicate("between");
    predicate.limits = {limit, limit};
    predicate.limits[0].number = value - slack;
    predicate.limits[1].number = value + slack;
  } else if (predicate.name() == "at_most" || predicate.name() == "less_than") {
    limit.number = value + slack;
  } else if (predicate.name() == "at_least" || predicate.name() == "more_than") {
    limit.number = value - slack;
  }
}

Result<void> check_reference_limit(const suite::Predicate& predicate, const Limit& limit, std::span<const std::string> known) {
  if (std::find(known.begin(), known.end(), limit.text) == known.end()) {
    return limit.node.fail_here(fmt::format("unknown quantity '{}' of the reference{}", shorten(limit.text, 60), nearest_note(limit.text, known)));
  }
  if (predicate.limits.size() != 1 || predicate.info->shape == suite::Shape::list || predicate.name() == "not_equals") {
    return limit.node.fail_here(fmt::format("'{}' does not take a quantity of the reference, expected equals, at_least, at_most, less_than or more_than", predicate.name()));
  }
  return {};
}

Result<void> NumberCheck::plan(const Planning& planning) {
  ASSIGN_OR_RETURN(states_, measure_.need(*planning.current, planning));
  if (!refers_to_reference(*expectation_.predicate)) return {};
  if (planning.reference == nullptr) return expectation_.predicate->node.fail_here("no reference data", "give --reference, or 'reference' in the suite");
  if (planning.where) TRY(planning.where->bind(planning.reference->schema()));
  ASSIGN_OR_RETURN(reference_states_, measure_.need(*planning.reference, planning));
  return {};
}

void NumberCheck::judge(const Facts& facts, suite::Outcome& outcome) const {
  const Reading reading = measure_.read(*facts.current, states_, *facts.schema);
  outcome.rows_tested = reading.rows;
  if (!reading.value) return outcome.cannot(reading.why_not + where_words(outcome));
  suite::Predicate predicate = *expectation_.predicate;
  if (reference_states_) {
    const Reading reference = measure_.read(*facts.reference, *reference_states_, *facts.reference_schema);
    if (!reference.value) return outcome.cannot(fmt::format("in the reference: {}", reference.why_not));
    resolve_reference(predicate, *reference.value);
    outcome.limit = predicate.json();
  }
  if (!std::isfinite(*reading.value)) return outcome.cannot(fmt::format("{} of {} rows is not finite", measure_.name, with_thousands(reading.rows)));
  outcome.observed = *reading.value;
  outcome.pass_if(predicate.accepts(*reading.value));
  const std::string shown = measure_.show != nullptr ? measure_.show(*reading.value) : number_text(*reading.value);
  outcome.message = fmt::format("{} {} over {} rows{}, expected {}", measure_.name, shown, with_thousands(reading.rows), reading.note, predicate.words());
}

Result<std::unique_ptr<DataCheck>> make_number_check(const suite::Expectation& expectation, NumberCheck::Measure measure) {
  const suite::Predicate& predicate = *expectation.predicate;
  if (predicate.limits.empty()) return predicate.node.fail_here(fmt::format("'{}' is {}, expected a number", predicate.name(), predicate.node.description()));
  const std::vector<std::string> known = {measure.name};
  for (const Limit& limit : predicate.limits) {
    if (limit.kind == Limit::Kind::reference) {
      if (limit.within_stddevs) return limit.node.fail_here("'within' in standard deviations goes with 'mean' alone");
      TRY(check_reference_limit(predicate, limit, known));
    } else if (limit.kind != Limit::Kind::number && limit.kind != Limit::Kind::share) {
      return limit.node.fail_here(fmt::format("the limit is {}, expected a number", limit.node.description()));
    }
  }
  return std::make_unique<NumberCheck>(expectation, std::move(measure));
}

}  // namespace cupel::expectations
