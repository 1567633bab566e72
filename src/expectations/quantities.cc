// Subjects that are one number of a column: min, max, sum, mean, stddev, median, quantile, skewness, kurtosis.

#include <cmath>
#include <limits>

#include "base/text.h"
#include "expectations/subjects_internal.h"
#include "states/moments.h"
#include "states/quantile_window.h"
#include "states/quantiles.h"

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
};

constexpr Quantity k_quantities[] = {
    {"kurtosis", [](const states::Moments& m) { return m.kurtosis(); }, 0, 4},
    {"max", [](const states::Moments& m) { return m.max(); }, 0, 1},
    {"mean", [](const states::Moments& m) { return m.mean(); }, 0, 1},
    {"median", nullptr, 0.5, 1},
    {"min", [](const states::Moments& m) { return m.min(); }, 0, 1},
    {"quantile", nullptr, 0, 1},
    {"skewness", [](const states::Moments& m) { return m.skewness(); }, 0, 3},
    {"stddev", [](const states::Moments& m) { return m.stddev(); }, 0, 2},
    {"sum", [](const states::Moments& m) -> std::optional<double> { return m.sum(); }, 0, 1},
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
      if (limit.kind == Limit::Kind::reference) reference_quantity_ = limit.text == "quantile" ? quantity_ : *find_quantity(limit.text);
    }
  }

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, As::native));
    field_ = column.field;
    state_ = need(*planning.current, column, planning, quantity_);
    if (!reference_quantity_) return {};
    ASSIGN_OR_RETURN(const auto other, planning.reference_column(expectation_.arguments[0], expectation_.predicate->node, As::native));
    reference_field_ = other.field;
    if (planning.where) TRY(planning.where->bind(planning.reference->schema()));
    reference_state_ = need(*planning.reference, other, planning, *reference_quantity_);
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
      resolve(predicate, value->value);
    }
    const auto value = measure(*facts.current, state_, quantity_, narrowed_).value;
    if (value && !value->is_exact() && (reference_window_ >= 0 || !is_decided(predicate, value->low, value->high))) {
      window_ = need_window(*again.current, field_, again, *value);
    }
    return window_ >= 0 || reference_window_ >= 0;
  }

  void learn(const Facts& facts) override {
    if (window_ >= 0) narrowed_ = narrow(facts.current->get<states::QuantileWindow>(window_), quantity_.at);
    if (reference_window_ >= 0) reference_narrowed_ = narrow(facts.reference->get<states::QuantileWindow>(reference_window_), reference_quantity_->at);
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
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
      resolve(predicate, reference.value->value);
      outcome.limit = predicate.json();
    }
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

  static int need_window(states::Plan& plan, int field, const Planning& again, const states::Estimate& bounds) {
    const auto make = [low = bounds.low, high = bounds.high, limit = again.state_bytes](std::span<const int> slots) {
      return std::make_unique<states::QuantileWindow>(slots[0], low, high, limit);
    };
    return plan.need(fmt::format("quantile_window {} {}", exact_text(bounds.low), exact_text(bounds.high)), {{field, As::native}}, again.where, make);
  }

  /// The sketch's bounds hold but for one time in a million; then the value lies on the side that the counts tell.
  static states::Estimate narrow(const states::QuantileWindow& window, double p) {
    if (const auto value = window.quantile(p)) return *value;
    constexpr double k_infinite = std::numeric_limits<double>::infinity();
    const bool lower = p * static_cast<double>(window.count() - 1) < static_cast<double>(window.below());
    return lower ? states::Estimate{window.low(), -k_infinite, window.high(), 0.5} : states::Estimate{window.high(), window.low(), k_infinite, 0.5};
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

  /// A limit at the reference's value; with `within`, `equals` becomes a range around it and the others are loosened by it.
  static void resolve(suite::Predicate& predicate, double value) {
    Limit& limit = predicate.limits[0];
    const double slack = limit.within_share ? std::abs(value) * *limit.within_share : limit.within_number.value_or(0);
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
};

Result<void> check_reference(const suite::Predicate& predicate, const Limit& limit) {
  std::vector<std::string> known;
  for (const Quantity& quantity : k_quantities) known.emplace_back(quantity.name);
  if (find_quantity(limit.text) == nullptr) return limit.node.fail_here(fmt::format("unknown quantity '{}' of the reference{}", shorten(limit.text, 60), nearest_note(limit.text, known)));
  if (predicate.limits.size() != 1 || predicate.info->shape == suite::Shape::list || predicate.name() == "not_equals") {
    return limit.node.fail_here(fmt::format("'{}' does not take a quantity of the reference, expected equals, at_least, at_most, less_than or more_than", predicate.name()));
  }
  return {};
}

Result<std::unique_ptr<DataCheck>> make_quantity(const suite::Expectation& expectation) {
  const suite::Predicate& predicate = *expectation.predicate;
  if (predicate.limits.empty()) return predicate.node.fail_here(fmt::format("'{}' is {}, expected a number", predicate.name(), predicate.node.description()));
  for (const Limit& limit : predicate.limits) {
    if (limit.kind == Limit::Kind::reference) {
      TRY(check_reference(predicate, limit));
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
const DataSubject k_skewness_subject = {{"skewness", "skewness m3/m2^1.5 of the finite values", suite::Argument::column, k_number_predicates}, make_quantity};
const DataSubject k_stddev_subject = {{"stddev", "standard deviation of the finite values (divisor n - 1)", suite::Argument::column, k_number_predicates}, make_quantity};
const DataSubject k_sum_subject = {{"sum", "sum of the finite values", suite::Argument::column, k_number_predicates}, make_quantity};

}  // namespace cupel::expectations
