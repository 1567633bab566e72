// Subjects that are one number of a column: min, max, range, sum, mean, stddev, variance, variation, median, quantile, skewness, kurtosis.

#include <cmath>

#include "base/text.h"
#include "expectations/number_check.h"
#include "expectations/quantile_bounds.h"
#include "expectations/subjects_internal.h"
#include "states/moments.h"
#include "states/quantiles.h"
#include "states/time_span.h"
#include "table/timestamp.h"

namespace cupel::expectations {
namespace {

using As = table::ColumnRequest::As;
using suite::Limit;

/// How a quantity is computed: from the moments in one pass, or as the value at a position.
struct Quantity {
  std::string_view name;
  std::optional<double> (*of_moments)(const states::Moments&);  ///< null: a quantile
  double at;
  std::int64_t rows_needed;
  bool of_instants = false;  ///< also of dates and timestamps
};

std::optional<double> range_of(const states::Moments& moments) {
  return moments.min() && moments.max() ? std::optional(*moments.max() - *moments.min()) : std::nullopt;
}

std::optional<double> variation_of(const states::Moments& moments) {
  const auto mean = moments.mean();
  const auto stddev = moments.stddev();
  return mean && stddev && *mean != 0 ? std::optional(*stddev / std::abs(*mean)) : std::nullopt;
}

constexpr Quantity k_quantities[] = {
    {"kurtosis", [](const states::Moments& m) { return m.kurtosis(); }, 0, 4},
    {"max", [](const states::Moments& m) { return m.max(); }, 0, 1, true},
    {"mean", [](const states::Moments& m) { return m.mean(); }, 0, 1},
    {"median", nullptr, 0.5, 1},
    {"min", [](const states::Moments& m) { return m.min(); }, 0, 1, true},
    {"quantile", nullptr, 0, 1},
    {"range", range_of, 0, 1},
    {"skewness", [](const states::Moments& m) { return m.skewness(); }, 0, 3},
    {"stddev", [](const states::Moments& m) { return m.stddev(); }, 0, 2},
    {"sum", [](const states::Moments& m) -> std::optional<double> { return m.sum(); }, 0, 1},
    {"variance", [](const states::Moments& m) { return m.variance(); }, 0, 2},
    {"variation", variation_of, 0, 2},
};

const Quantity* find_quantity(std::string_view name) {
  for (const Quantity& quantity : k_quantities) {
    if (quantity.name == name) return &quantity;
  }
  return nullptr;
}

struct Measured {
  std::optional<states::Estimate> value;  ///< empty when undefined
  std::int64_t rows = 0;
  std::int64_t odd = 0;  ///< NaN or infinite values, left out
};

class QuantityCheck : public DataCheck {
 public:
  QuantityCheck(const suite::Expectation& expectation, Quantity quantity) : expectation_(expectation), quantity_(quantity) {
    for (const Limit& limit : expectation.predicate->limits) {
      stddevs_ = stddevs_ || limit.within_stddevs;
      dates_ = dates_ || (quantity_.of_instants && (limit.kind == Limit::Kind::text || (limit.kind == Limit::Kind::reference && find_quantity(limit.text)->of_instants)));
      if (limit.kind == Limit::Kind::reference) reference_quantity_ = limit.text == "quantile" ? quantity_ : *find_quantity(limit.text);
    }
  }

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, As::native));
    field_ = column.field;
    state_ = need(*planning.current, column, planning, quantity_);
    if (dates_) span_ = need_span(*planning.current, column, planning.where);
    if (!reference_quantity_) return {};
    ASSIGN_OR_RETURN(const auto other, planning.reference_column(expectation_.arguments[0], expectation_.predicate->node, As::native));
    reference_field_ = other.field;
    if (planning.where) TRY(planning.where->bind(planning.reference->schema()));
    reference_state_ = need(*planning.reference, other, planning, *reference_quantity_);
    if (dates_) reference_span_ = need_span(*planning.reference, other, planning.where);
    if (stddevs_) reference_spread_ = need(*planning.reference, other, planning, *find_quantity("stddev"));
    return {};
  }

  /// Asks to count and keep only what lies between the bounds of a quantile that its sketch cannot decide.
  Result<bool> plan_again(const Facts& facts, const Planning& again) override {
    if (is_text(facts)) return false;
    suite::Predicate predicate = *expectation_.predicate;
    window_ = reference_window_ = -1;
    if (reference_quantity_) {
      const auto value = measure(*facts.reference, reference_state_, *reference_quantity_, reference_narrowed_).value;
      if (!value) return false;
      if (!value->is_exact()) reference_window_ = need_window(*again.reference, reference_field_, again, *value);
      resolve_reference(predicate, value->value, reference_spread(facts));
    }
    const auto value = measure(*facts.current, state_, quantity_, narrowed_).value;
    if (value && !value->is_exact() && (reference_window_ >= 0 || !is_decided(predicate, value->low, value->high))) {
      window_ = need_window(*again.current, field_, again, *value);
    }
    return window_ >= 0 || reference_window_ >= 0;
  }

  void learn(const Facts& facts) override {
    if (window_ >= 0) narrowed_ = narrowed_quantile(facts.current->get<states::QuantileWindow>(window_), quantity_.at);
    if (reference_window_ >= 0) reference_narrowed_ = narrowed_quantile(facts.reference->get<states::QuantileWindow>(reference_window_), reference_quantity_->at);
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    if (dates_ && !table::is_numeric(facts.schema->fields[static_cast<std::size_t>(field_)].type)) return judge_dates(facts, outcome);
    std::string problem = why_not_numeric(*facts.schema, field_, expectation_.subject_node);
    if (problem.empty() && reference_quantity_) problem = why_not_numeric(*facts.reference_schema, reference_field_, expectation_.subject_node);
    if (!problem.empty()) return outcome.cannot(std::move(problem));
    const Measured measured = measure(*facts.current, state_, quantity_, narrowed_);
    outcome.rows_tested = measured.rows;
    if (measured.rows < quantity_.rows_needed) {
      return outcome.cannot(fmt::format("{} present values{}, {} needs at least {}", measured.rows, where_words(outcome), quantity_.name, quantity_.rows_needed));
    }
    suite::Predicate predicate = *expectation_.predicate;
    if (reference_quantity_) {
      const Measured reference = measure(*facts.reference, reference_state_, *reference_quantity_, reference_narrowed_);
      if (reference.rows < reference_quantity_->rows_needed) return outcome.cannot(fmt::format("{} present values in the reference", reference.rows));
      if (!reference.value) return outcome.cannot(fmt::format("{} is not defined in the reference", reference_quantity_->name));
      const auto spread = reference_spread(facts);
      if (stddevs_ && !spread) return outcome.cannot("the standard deviation of the reference is not defined: fewer than 2 values");
      resolve_reference(predicate, reference.value->value, spread);
      outcome.limit = predicate.json();
    }
    if (!predicate.has_only_numbers()) return outcome.cannot(fmt::format("{}: the limit is {} and the column holds numbers", predicate.node.place(), predicate.limits[0].words()));
    if (!measured.value || !std::isfinite(measured.value->value)) return outcome.cannot(fmt::format("{} of {} values is not defined: no spread, or too large", quantity_.name, with_thousands(measured.rows)));
    const states::Estimate& value = *measured.value;
    outcome.observed = value.value;
    outcome.pass_if(predicate.accepts(value.value));
    std::string bound;
    if (!value.is_exact()) {
      outcome.interval = suite::Interval{value.low, value.high, value.confidence};
      bound = fmt::format(" (from {} to {})", number_text(value.low), number_text(value.high));
    }
    outcome.message = fmt::format("{} {}{} over {} values, expected {}", name(), number_text(value.value), bound, with_thousands(measured.rows), predicate.words());
    if (measured.odd > 0) outcome.message += fmt::format(" ({} NaN or infinite values left out)", with_thousands(measured.odd));
  }

 private:
  std::optional<double> reference_spread(const Facts& facts) const {
    return reference_spread_ >= 0 ? facts.reference->get<states::Moments>(reference_spread_).stddev() : std::nullopt;
  }

  /// The earliest or latest time; limits are dates or instants, or the reference's.
  void judge_dates(const Facts& facts, suite::Outcome& outcome) const {
    const auto instant_of = [](const states::TimeSpan& span, std::string_view which) { return which == "min" ? span.earliest() : span.latest(); };
    const auto& span = facts.current->get<states::TimeSpan>(span_);
    outcome.rows_tested = span.count();
    std::string problem = why_not_instants(span, expectation_);
    if (problem.empty() && span.count() == 0) problem = fmt::format("0 present values{}, {} needs at least 1", where_words(outcome), quantity_.name);
    if (!problem.empty()) return outcome.cannot(std::move(problem));
    suite::Predicate predicate = *expectation_.predicate;
    if (reference_quantity_) {
      const auto& other = facts.reference->get<states::TimeSpan>(reference_span_);
      problem = why_not_instants(other, expectation_);
      if (problem.empty() && other.count() == 0) problem = "0 present values";
      if (!problem.empty()) return outcome.cannot("in the reference: " + problem);
      predicate.limits[0].text = table::timestamp_text(instant_of(other, reference_quantity_->name)->micros);
      predicate.limits[0].kind = Limit::Kind::text;
      outcome.limit = predicate.limits[0].text;
    }
    for (Limit& limit : predicate.limits) {
      const auto instant = limit.kind == Limit::Kind::text ? table::parse_timestamp(limit.text) : std::nullopt;
      if (!instant) return outcome.cannot(fmt::format("{}: the limit is {} and the column holds dates, expected one such as 2026-11-20", limit.node.place(), limit.words()));
      limit.number = static_cast<double>(*instant);
    }
    const states::TimeSpan::Instant found = *instant_of(span, quantity_.name);
    outcome.observed = table::timestamp_text(found.micros);
    outcome.pass_if(predicate.accepts(static_cast<double>(found.micros)));
    outcome.message = fmt::format("{} {} in row {} over {} values, expected {}", quantity_.name, table::timestamp_text(found.micros), found.row, with_thousands(span.count()), predicate.words());
  }

  static int need_span(states::Plan& plan, table::ColumnRequest column, const std::optional<table::Expression>& where) {
    return plan.need("time_span", {column}, where, [](std::span<const int> slots) { return std::make_unique<states::TimeSpan>(slots[0]); });
  }

  std::string name() const { return quantity_.name == "quantile" ? fmt::format("quantile {}", number_text(quantity_.at)) : std::string(quantity_.name); }

  static int need(states::Plan& plan, table::ColumnRequest column, const Planning& planning, const Quantity& quantity) {
    if (quantity.of_moments == nullptr) {
      const auto make = [limit = planning.state_bytes](std::span<const int> slots) { return std::make_unique<states::Quantiles>(slots[0], limit); };
      return plan.need("quantiles", {column}, planning.where, make);
    }
    return plan.need("moments", {column}, planning.where, [](std::span<const int> slots) { return std::make_unique<states::Moments>(slots[0]); });
  }

  bool is_text(const Facts& facts) const {
    if (!why_not_numeric(*facts.schema, field_, expectation_.subject_node).empty()) return true;
    return reference_quantity_ && !why_not_numeric(*facts.reference_schema, reference_field_, expectation_.subject_node).empty();
  }

  static Measured measure(const states::Answers& answers, int state, const Quantity& quantity, const std::optional<states::Estimate>& narrowed) {
    if (quantity.of_moments == nullptr) {
      const auto& values = answers.get<states::Quantiles>(state);
      return {narrowed ? narrowed : values.quantile(quantity.at), values.count(), values.nans()};
    }
    const auto& moments = answers.get<states::Moments>(state);
    const std::optional<double> value = quantity.of_moments(moments);
    return {value ? std::optional(states::Estimate::exactly(*value)) : std::nullopt, moments.count(), moments.nans() + moments.infinities()};
  }

  suite::Expectation expectation_;
  Quantity quantity_;
  std::optional<Quantity> reference_quantity_;
  std::optional<states::Estimate> narrowed_;  // by further scans
  std::optional<states::Estimate> reference_narrowed_;
  int window_ = -1;
  int reference_window_ = -1;
  int field_ = -1;
  int state_ = -1;
  int reference_field_ = -1;
  int reference_state_ = -1;
  bool stddevs_ = false;  ///< a limit is loosened by standard deviations of the reference
  int reference_spread_ = -1;
  bool dates_ = false;  ///< the limits are dates, or may be
  int span_ = -1;
  int reference_span_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_quantity(const suite::Expectation& expectation) {
  const suite::Predicate& predicate = *expectation.predicate;
  if (predicate.limits.empty()) return predicate.node.fail_here(fmt::format("'{}' is {}, expected a number", predicate.name(), predicate.node.description()));
  const bool of_instants = find_quantity(expectation.subject->name)->of_instants;
  std::vector<std::string> known;
  for (const Quantity& quantity : k_quantities) known.emplace_back(quantity.name);
  for (const Limit& limit : predicate.limits) {
    if (limit.kind == Limit::Kind::reference) {
      TRY(check_reference_limit(predicate, limit, known));
    } else if (limit.kind == Limit::Kind::text && of_instants && table::parse_timestamp(limit.text)) {
      continue;
    } else if (limit.kind != Limit::Kind::number) {
      return limit.node.fail_here(fmt::format("the limit is {}, expected a number in the units of the column", limit.node.description()));
    }
  }
  Quantity quantity = *find_quantity(expectation.subject->name);
  if (quantity.name == "quantile") {
    const yaml::Node* at = expectation.parameter("at");
    if (at == nullptr) return expectation.entry.fail_here("'quantile' without 'at', a position from 0 to 1");
    ASSIGN_OR_RETURN(quantity.at, at->share("'at'"));
  }
  return std::make_unique<QuantityCheck>(expectation, quantity);
}

}  // namespace

const DataSubject k_kurtosis_subject = {{"kurtosis", "excess kurtosis m4/m2^2 - 3 of the finite values", suite::Argument::column, k_number_predicates}, make_quantity};
const DataSubject k_max_subject = {{"max", "largest value", suite::Argument::column, k_number_predicates}, make_quantity};
const DataSubject k_mean_subject = {{"mean", "arithmetic mean of the finite values", suite::Argument::column, k_number_predicates}, make_quantity};
const DataSubject k_median_subject = {{"median", "value in the middle (quantile 0.5)", suite::Argument::column, k_number_predicates}, make_quantity};
const DataSubject k_min_subject = {{"min", "smallest value", suite::Argument::column, k_number_predicates}, make_quantity};
const DataSubject k_quantile_subject = {{"quantile", "quantile at a position, interpolated (type 7 of Hyndman and Fan 1996)", suite::Argument::column, k_number_predicates, {"at"}}, make_quantity};
const DataSubject k_range_subject = {{"range", "largest less smallest value", suite::Argument::column, k_number_predicates}, make_quantity};
const DataSubject k_skewness_subject = {{"skewness", "skewness m3/m2^1.5 of the finite values", suite::Argument::column, k_number_predicates}, make_quantity};
const DataSubject k_stddev_subject = {{"stddev", "standard deviation of the finite values (divisor n - 1)", suite::Argument::column, k_number_predicates}, make_quantity};
const DataSubject k_sum_subject = {{"sum", "sum of the finite values", suite::Argument::column, k_number_predicates}, make_quantity};
const DataSubject k_variance_subject = {{"variance", "variance of the finite values (divisor n - 1)", suite::Argument::column, k_number_predicates}, make_quantity};
const DataSubject k_variation_subject = {{"variation", "coefficient of variation: standard deviation by the absolute mean", suite::Argument::column, k_number_predicates}, make_quantity};

}  // namespace cupel::expectations
