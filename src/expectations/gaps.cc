#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"
#include "expectations/subjects_internal.h"
#include "expectations/time_limits.h"
#include "states/row_values.h"
#include "table/timestamp.h"

namespace cupel::expectations {
namespace {

/// Distances between neighbouring values in sorted order: every one must be accepted. Equal values are no gap.
class GapsCheck : public DataCheck {
 public:
  GapsCheck(const suite::Expectation& expectation, suite::Predicate limits, bool durations) : expectation_(expectation), limits_(std::move(limits)), durations_(durations) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, table::ColumnRequest::As::native));
    field_ = column.field;
    using Read = states::RowValues::Read;
    state_ = planning.current->need(durations_ ? "row_values instants" : "row_values", {column}, planning.where, [read = durations_ ? Read::instants : Read::numbers](std::span<const int> slots) {
      return std::make_unique<states::RowValues>(slots[0], read);
    });
    if (durations_) {
      span_ = planning.current->need("time_span", {column}, planning.where, [](std::span<const int> slots) { return std::make_unique<states::TimeSpan>(slots[0]); });
    }
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& all = facts.current->get<states::RowValues>(state_);
    std::string problem = durations_ ? why_not_instants(facts.current->get<states::TimeSpan>(span_), expectation_) : why_not_numeric(*facts.schema, field_, expectation_.subject_node);
    if (!problem.empty()) return outcome.cannot(std::move(problem));
    outcome.rows_tested = all.count();
    if (all.count() < 2) return outcome.cannot(fmt::format("{} present values{}, a gap lies between two", all.count(), where_words(outcome)));
    const std::vector<double>& values = all.values();
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] != values[b] ? values[a] < values[b] : a < b; });
    std::int64_t gaps = 0;
    std::vector<std::size_t> wrong;  // the value behind a gap that is not accepted
    std::size_t widest = 0;
    for (std::size_t i = 1; i < order.size(); ++i) {
      const double gap = values[order[i]] - values[order[i - 1]];
      if (gap == 0) continue;
      ++gaps;
      if (widest == 0 || gap > values[order[widest]] - values[order[widest - 1]]) widest = i;
      if (!limits_.accepts(gap)) wrong.push_back(i);
    }
    if (gaps == 0) return outcome.cannot("a single value, a gap lies between two");
    record(all, order, wrong, outcome);
    const double largest = values[order[widest]] - values[order[widest - 1]];
    outcome.observed = durations_ ? largest / 1e6 : largest;
    outcome.unexpected->share = static_cast<double>(wrong.size()) / static_cast<double>(gaps);
    outcome.pass_if(wrong.empty());
    outcome.message = fmt::format("largest gap {} between {} and {}; {} of {} gaps not {}", durations_ ? micros_text(largest) : number_text(largest), shown(values[order[widest - 1]]),
                                  shown(values[order[widest]]), with_thousands(static_cast<std::int64_t>(wrong.size())), with_thousands(gaps), expectation_.predicate->words());
  }

 private:
  std::string shown(double value) const { return durations_ ? table::timestamp_text(static_cast<std::int64_t>(value)) : exact_text(value); }

  /// The rows behind the gaps, ascending.
  void record(const states::RowValues& all, const std::vector<std::size_t>& order, const std::vector<std::size_t>& wrong, suite::Outcome& outcome) const {
    const std::vector<std::int64_t> rows = all.rows().rows();
    suite::Unexpected unexpected{static_cast<std::int64_t>(wrong.size()), 0, {}};
    for (const std::size_t i : wrong) outcome.unexpected_rows.push_back(rows[order[i]]);
    for (std::size_t i = 0; i < wrong.size() && i < 20; ++i) unexpected.examples.push_back({rows[order[wrong[i]]], shown(all.values()[order[wrong[i]]])});
    std::sort(outcome.unexpected_rows.begin(), outcome.unexpected_rows.end());
    outcome.unexpected = std::move(unexpected);
  }

  suite::Expectation expectation_;
  suite::Predicate limits_;
  bool durations_;
  int field_ = -1;
  int span_ = -1;
  int state_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_gaps(const suite::Expectation& expectation) {
  const suite::Predicate& predicate = *expectation.predicate;
  if (!predicate.limits.empty() && predicate.has_only(suite::Limit::Kind::number)) return std::make_unique<GapsCheck>(expectation, predicate, false);
  ASSIGN_OR_RETURN(suite::Predicate limits, duration_limits(predicate));
  return std::make_unique<GapsCheck>(expectation, std::move(limits), true);
}

}  // namespace

const DataSubject k_gaps_subject = {{"gaps", "distances between neighbouring values of a sorted column of times or numbers", suite::Argument::column, {"at_least", "at_most", "between", "equals", "less_than", "more_than"}}, make_gaps};

}  // namespace cupel::expectations
