#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "expectations/number_check.h"
#include "expectations/quantile_bounds.h"
#include "expectations/subjects_internal.h"
#include "states/quantiles.h"

namespace cupel::expectations {
namespace {

using suite::Limit;

constexpr std::array k_at = {0.25, 0.75};

/// The quartiles of one table: the data or the reference.
class Quartiles {
 public:
  void plan(states::Plan& plan, table::ColumnRequest column, const Planning& planning) {
    field_ = column.field;
    const auto make = [limit = planning.state_bytes](std::span<const int> slots) { return std::make_unique<states::Quantiles>(slots[0], limit); };
    state_ = plan.need("quantiles", {column}, planning.where, make);
  }

  std::string why_not(const table::Schema& schema, const yaml::Node& node) const { return why_not_numeric(schema, field_, node); }
  std::int64_t rows(const states::Answers& answers) const { return answers.get<states::Quantiles>(state_).count(); }

  /// Empty without values. Not finite if a quartile is infinite.
  std::optional<states::Estimate> range(const states::Answers& answers) const {
    const auto lower = quartile(answers, 0);
    const auto upper = quartile(answers, 1);
    if (!lower || !upper) return std::nullopt;
    const double value = upper->value - lower->value;
    if (lower->is_exact() && upper->is_exact()) return states::Estimate::exactly(value);
    // Each bound may be wrong for itself.
    const double confidence = std::max(0.0, lower->confidence + upper->confidence - 1);
    return states::Estimate{value, std::max(0.0, upper->low - lower->high), upper->high - lower->low, confidence};
  }

  /// Asks for a further scan of the quartiles that are not exact: true if there are any.
  bool plan_windows(const states::Answers& answers, states::Plan& plan, const Planning& again) {
    for (std::size_t i = 0; i < k_at.size(); ++i) {
      const auto value = quartile(answers, i);
      if (value && !value->is_exact()) windows_[i] = need_window(plan, field_, again, *value);
    }
    return is_asking();
  }
  bool is_asking() const { return windows_[0] >= 0 || windows_[1] >= 0; }
  void forget_windows() { windows_ = {-1, -1}; }
  void learn(const states::Answers& answers) {
    for (std::size_t i = 0; i < k_at.size(); ++i) {
      if (windows_[i] >= 0) narrowed_[i] = narrowed_quantile(answers.get<states::QuantileWindow>(windows_[i]), k_at[i]);
    }
  }

 private:
  std::optional<states::Estimate> quartile(const states::Answers& answers, std::size_t i) const {
    return narrowed_[i] ? narrowed_[i] : answers.get<states::Quantiles>(state_).quantile(k_at[i]);
  }

  int field_ = -1;
  int state_ = -1;
  std::array<int, 2> windows_ = {-1, -1};
  std::array<std::optional<states::Estimate>, 2> narrowed_;  // by further scans
};

class InterquartileRangeCheck : public DataCheck {
 public:
  explicit InterquartileRangeCheck(const suite::Expectation& expectation) : expectation_(expectation) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, table::ColumnRequest::As::native));
    current_.plan(*planning.current, column, planning);
    if (!refers_to_reference(*expectation_.predicate)) return {};
    ASSIGN_OR_RETURN(const auto other, planning.reference_column(expectation_.arguments[0], expectation_.predicate->node, table::ColumnRequest::As::native));
    if (planning.where) TRY(planning.where->bind(planning.reference->schema()));
    reference_.emplace();
    reference_->plan(*planning.reference, other, planning);
    return {};
  }

  Result<bool> plan_again(const Facts& facts, const Planning& again) override {
    current_.forget_windows();
    if (reference_) reference_->forget_windows();
    if (!why_not(facts).empty()) return false;
    suite::Predicate predicate = *expectation_.predicate;
    const auto value = current_.range(*facts.current);
    if (!value || !std::isfinite(value->value)) return false;
    if (reference_) {
      const auto limit = reference_->range(*facts.reference);
      if (!limit || !std::isfinite(limit->value)) return false;
      reference_->plan_windows(*facts.reference, *again.reference, again);
      resolve_reference(predicate, limit->value);
    }
    const bool open = (reference_ && reference_->is_asking()) || !is_decided(predicate, value->low, value->high);
    if (open) current_.plan_windows(*facts.current, *again.current, again);
    return current_.is_asking() || (reference_ && reference_->is_asking());
  }

  void learn(const Facts& facts) override {
    if (current_.is_asking()) current_.learn(*facts.current);
    if (reference_ && reference_->is_asking()) reference_->learn(*facts.reference);
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    std::string problem = why_not(facts);
    if (!problem.empty()) return outcome.cannot(std::move(problem));
    outcome.rows_tested = current_.rows(*facts.current);
    const auto value = current_.range(*facts.current);
    if (!value) return outcome.cannot("0 present values" + where_words(outcome));
    suite::Predicate predicate = *expectation_.predicate;
    if (reference_) {
      const auto limit = reference_->range(*facts.reference);
      if (!limit) return outcome.cannot("in the reference: 0 present values");
      if (!std::isfinite(limit->value)) return outcome.cannot("in the reference: a quartile is infinite");
      resolve_reference(predicate, limit->value);
      outcome.limit = predicate.json();
    }
    if (!std::isfinite(value->value)) return outcome.cannot(fmt::format("interquartile_range of {} rows is not finite", with_thousands(*outcome.rows_tested)));
    outcome.observed = value->value;
    outcome.pass_if(predicate.accepts(value->value));
    std::string bound;
    if (!value->is_exact()) {
      outcome.interval = suite::Interval{value->low, value->high, value->confidence};
      bound = fmt::format(" (from {} to {})", number_text(value->low), number_text(value->high));
    }
    outcome.message = fmt::format("interquartile_range {}{} over {} rows, expected {}", number_text(value->value), bound, with_thousands(*outcome.rows_tested), predicate.words());
  }

 private:
  std::string why_not(const Facts& facts) const {
    std::string problem = current_.why_not(*facts.schema, expectation_.subject_node);
    if (problem.empty() && reference_) problem = reference_->why_not(*facts.reference_schema, expectation_.subject_node);
    return problem;
  }

  suite::Expectation expectation_;
  Quartiles current_;
  std::optional<Quartiles> reference_;
};

Result<std::unique_ptr<DataCheck>> make_interquartile_range(const suite::Expectation& expectation) {
  const suite::Predicate& predicate = *expectation.predicate;
  if (predicate.limits.empty()) return predicate.node.fail_here(fmt::format("'{}' is {}, expected a number", predicate.name(), predicate.node.description()));
  const std::array<std::string, 1> known = {"interquartile_range"};
  for (const Limit& limit : predicate.limits) {
    if (limit.kind == Limit::Kind::reference) {
      if (limit.within_stddevs) return limit.node.fail_here("'within' in standard deviations goes with 'mean' alone");
      TRY(check_reference_limit(predicate, limit, known));
    } else if (limit.kind != Limit::Kind::number) {
      return limit.node.fail_here(fmt::format("the limit is {}, expected a number in the units of the column", limit.node.description()));
    }
  }
  return std::make_unique<InterquartileRangeCheck>(expectation);
}

}  // namespace

const DataSubject k_interquartile_range_subject = {{"interquartile_range", "upper less lower quartile (quantiles as of `quantile`)", suite::Argument::column, k_number_predicates}, make_interquartile_range};

}  // namespace cupel::expectations
