#include <cmath>
#include <optional>
#include <utility>

#include "base/text.h"
#include "expectations/subjects_internal.h"
#include "expectations/time_limits.h"
#include "states/row_values.h"
#include "states/unordered_rows.h"
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
    state_ = planning.current->need(durations_ ? "row_values instants" : "row_values", {column}, planning.where, [read = durations_ ? Read::instants : Read::numbers, limit = planning.state_bytes](std::span<const int> slots) {
      return std::make_unique<states::RowValues>(slots[0], read, limit);
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
    std::int64_t gaps = 0;
    states::UnorderedRows wrong;  // rows behind a gap that is not accepted
    suite::Unexpected unexpected;
    std::optional<states::RowValues::Record> before;
    std::pair<double, double> widest{0, 0};
    all.records().for_each([&](const states::RowValues::Record& record) {
      if (before && before->value != record.value) {
        const double gap = record.value - before->value;
        ++gaps;
        if (gap > widest.second - widest.first) widest = {before->value, record.value};
        if (!limits_.accepts(gap)) {
          wrong.add(record.row);
          if (unexpected.examples.size() < 20) unexpected.examples.push_back({record.row, shown(record.value)});
        }
      }
      before = record;
    });
    if (gaps == 0) return outcome.cannot("a single value, a gap lies between two");
    auto rows = wrong.list();
    if (!rows) return outcome.cannot(rows.error().text());
    unexpected.count = rows->size();
    unexpected.share = static_cast<double>(unexpected.count) / static_cast<double>(gaps);
    outcome.unexpected_rows = std::move(*rows);
    outcome.unexpected = std::move(unexpected);
    const double largest = widest.second - widest.first;
    outcome.observed = durations_ ? largest / 1e6 : largest;
    outcome.pass_if(outcome.unexpected_rows.empty());
    outcome.message = fmt::format("largest gap {} between {} and {}; {} of {} gaps not {}", durations_ ? micros_text(largest) : number_text(largest), shown(widest.first),
                                  shown(widest.second), with_thousands(outcome.unexpected->count), with_thousands(gaps), expectation_.predicate->words());
  }

 private:
  std::string shown(double value) const { return durations_ ? table::timestamp_text(static_cast<std::int64_t>(value)) : exact_text(value); }

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
