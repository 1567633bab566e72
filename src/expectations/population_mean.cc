// A claim about the mean of what the rows were drawn from: one- and two-sample t tests with a margin.

#include <cmath>
#include <limits>

#include "base/text.h"
#include "expectations/subjects_internal.h"
#include "states/moments.h"
#include "stats/means.h"

namespace cupel::expectations {
namespace {

constexpr double k_unbounded = std::numeric_limits<double>::infinity();

/// Where the mean, or its difference from the reference's, shall lie; and the value that the t test is about.
struct Region {
  double low = -k_unbounded;
  double high = k_unbounded;
  double tested = 0;
  stats::Alternative alternative = stats::Alternative::two_sided;
};

stats::SampleMoments moments_of(const states::Moments& moments) { return {moments.count(), moments.mean().value_or(0), moments.variance().value_or(0)}; }

class PopulationMeanCheck : public DataCheck {
 public:
  PopulationMeanCheck(const suite::Expectation& expectation, Region region, double confidence, bool two_samples)
      : expectation_(expectation), region_(region), confidence_(confidence), two_samples_(two_samples) {}

  Result<void> plan(const Planning& planning) override {
    const auto make = [](std::span<const int> slots) { return std::make_unique<states::Moments>(slots[0]); };
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, table::ColumnRequest::As::native));
    field_ = column.field;
    state_ = planning.current->need("moments", {column}, planning.where, make);
    if (!two_samples_) return {};
    ASSIGN_OR_RETURN(const auto other, planning.reference_column(expectation_.arguments[0], expectation_.predicate->node, table::ColumnRequest::As::native));
    reference_field_ = other.field;
    if (planning.where) TRY(planning.where->bind(planning.reference->schema()));
    reference_ = planning.reference->need("moments", {other}, planning.where, make);
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    std::string problem = why_not_numeric(*facts.schema, field_, expectation_.subject_node);
    if (problem.empty() && two_samples_) problem = why_not_numeric(*facts.reference_schema, reference_field_, expectation_.subject_node);
    if (!problem.empty()) return outcome.cannot(std::move(problem));
    const auto& moments = facts.current->get<states::Moments>(state_);
    outcome.rows_tested = moments.count();
    if (moments.count() < 2) return outcome.cannot(fmt::format("{} present values{}, a standard error needs at least 2", moments.count(), where_words(outcome)));
    const stats::SampleMoments here = moments_of(moments);
    stats::Estimate estimate = stats::mean_estimate(here);
    std::string name = "mean";
    if (two_samples_) {
      const auto& other = facts.reference->get<states::Moments>(reference_);
      if (other.count() < 2) return outcome.cannot(fmt::format("{} present values in the reference, a standard error needs at least 2", other.count()));
      estimate = stats::welch_difference(moments_of(other), here);
      name = "difference of means";
    }
    decide(estimate, name, outcome);
  }

 private:
  /// pass: the whole interval lies in the region; fail: none of it; else the rows do not tell.
  void decide(const stats::Estimate& estimate, const std::string& name, suite::Outcome& outcome) const {
    if (!std::isfinite(estimate.value) || !std::isfinite(estimate.standard_error)) return outcome.cannot(fmt::format("the {} is not defined: values too large", name));
    const stats::Interval interval = estimate.interval(confidence_);
    const stats::TestResult test = estimate.test(region_.tested, region_.alternative);
    if (interval.low >= region_.low && interval.high <= region_.high) {
      outcome.verdict = suite::Verdict::pass;
    } else if (interval.high < region_.low || interval.low > region_.high) {
      outcome.verdict = suite::Verdict::fail;
    } else {
      outcome.verdict = suite::Verdict::inconclusive;
    }
    outcome.observed = estimate.value;
    outcome.interval = suite::Interval{interval.low, interval.high, confidence_};
    outcome.p_value = test.p_value;
    outcome.effect = suite::Effect{two_samples_ ? "difference_of_means" : "mean", estimate.value, std::isfinite(region_.high) && std::isfinite(region_.low) ? std::optional((region_.high - region_.low) / 2) : std::nullopt};
    outcome.message = fmt::format("{} {} ({} % interval {} to {}), expected {}; t {}, df {}, p {}", name, number_text(estimate.value), number_text(confidence_ * 100), number_text(interval.low),
                                  number_text(interval.high), region_words(), number_text(test.statistic), number_text(test.degrees_of_freedom), number_text(test.p_value));
    if (outcome.verdict == suite::Verdict::inconclusive) outcome.message += ": the interval straddles the limit, more rows would decide";
  }

  std::string region_words() const {
    if (!std::isfinite(region_.low)) return fmt::format("at most {}", number_text(region_.high));
    if (!std::isfinite(region_.high)) return fmt::format("at least {}", number_text(region_.low));
    return fmt::format("{} to {}", number_text(region_.low), number_text(region_.high));
  }

  suite::Expectation expectation_;
  Region region_;
  double confidence_;
  bool two_samples_;
  int field_ = -1;
  int state_ = -1;
  int reference_field_ = -1;
  int reference_ = -1;
};

Result<double> read_within(const suite::Expectation& expectation) {
  const yaml::Node* node = expectation.parameter("within");
  if (node == nullptr) return expectation.entry.fail_here(fmt::format("'{}' without 'within', how far a mean may be off and still be as expected", expectation.predicate->name()), "no finite sample shows that two means are exactly equal");
  ASSIGN_OR_RETURN(const double within, node->number("'within'"));
  if (!(within > 0)) return node->fail_here(fmt::format("'within' is {}, expected more than 0, in the units of the column", node->description()));
  return within;
}

Result<std::unique_ptr<DataCheck>> make_population_mean(const suite::Expectation& expectation) {
  const suite::Predicate& predicate = *expectation.predicate;
  const std::string_view name = predicate.name();
  double confidence = 0.99;
  if (const yaml::Node* node = expectation.parameter("confidence")) {
    ASSIGN_OR_RETURN(confidence, node->share("'confidence'"));
    if (confidence < 0.5 || confidence >= 1) return node->fail_here(fmt::format("'confidence' is {}, expected from 50% to below 100%", node->description()));
  }
  Region region;
  if (name == "same_as") {
    if (predicate.node.scalar != "reference") return predicate.node.fail_here(fmt::format("'same_as' is {}, expected reference", predicate.node.description()));
    ASSIGN_OR_RETURN(const double within, read_within(expectation));
    region = {-within, within, 0, stats::Alternative::two_sided};
    return std::make_unique<PopulationMeanCheck>(expectation, region, confidence, true);
  }
  for (const suite::Limit& limit : predicate.limits) {
    if (limit.kind != suite::Limit::Kind::number) return limit.node.fail_here(fmt::format("the limit is {}, expected a number in the units of the column", limit.node.description()));
  }
  const double limit = predicate.limits.at(0).number;
  region.tested = limit;
  if (name == "equals") {
    ASSIGN_OR_RETURN(const double within, read_within(expectation));
    region.low = limit - within;
    region.high = limit + within;
  } else if (name == "between") {
    region.low = limit;
    region.high = predicate.limits[1].number;
    region.tested = (region.low + region.high) / 2;
  } else if (name == "at_most") {
    region.high = limit;
    region.alternative = stats::Alternative::greater;
  } else {
    region.low = limit;
    region.alternative = stats::Alternative::less;
  }
  return std::make_unique<PopulationMeanCheck>(expectation, region, confidence, false);
}

}  // namespace

const DataSubject k_population_mean_subject = {{"population_mean", "mean of what the rows were drawn from, by a t test and its interval", suite::Argument::column, {"at_least", "at_most", "between", "equals", "same_as"}, {"confidence", "within"}},
                                               make_population_mean};

}  // namespace cupel::expectations
