#include "base/text.h"
#include "expectations/subjects_internal.h"
#include "expectations/time_limits.h"
#include "states/time_span.h"
#include "table/timestamp.h"

namespace cupel::expectations {
namespace {

/// The age of the latest instant.
class FreshnessCheck : public DataCheck {
 public:
  FreshnessCheck(const suite::Expectation& expectation, suite::Predicate limits, std::optional<std::int64_t> as_of)
      : expectation_(expectation), limits_(std::move(limits)), as_of_(as_of) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, table::ColumnRequest::As::native));
    state_ = planning.current->need("time_span", {column}, planning.where, [](std::span<const int> slots) { return std::make_unique<states::TimeSpan>(slots[0]); });
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& span = facts.current->get<states::TimeSpan>(state_);
    outcome.rows_tested = span.count();
    std::string problem = why_not_instants(span, expectation_);
    if (!problem.empty()) return outcome.cannot(std::move(problem));
    if (span.count() == 0) return outcome.cannot(fmt::format("0 present values{}, no time is known", where_words(outcome)));
    const std::int64_t latest = span.latest()->micros;
    const std::int64_t now = as_of_.value_or(facts.now_micros);
    const double age = static_cast<double>(now) - static_cast<double>(latest);
    outcome.observed = age / 1e6;
    outcome.pass_if(limits_.accepts(age));
    outcome.message = fmt::format("latest {} in row {}, {} before {}; expected {}", table::timestamp_text(latest), span.latest()->row, micros_text(age), table::timestamp_text(now),
                                  expectation_.predicate->words());
  }

 private:
  suite::Expectation expectation_;
  suite::Predicate limits_;
  std::optional<std::int64_t> as_of_;
  int state_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_freshness(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(suite::Predicate limits, duration_limits(*expectation.predicate));
  std::optional<std::int64_t> as_of;
  if (const yaml::Node* node = expectation.parameter("as_of")) {
    ASSIGN_OR_RETURN(const std::string text, node->text("'as_of'"));
    as_of = table::parse_timestamp(text);
    if (!as_of) return node->fail_here(fmt::format("'as_of' is {}, expected an instant such as 2026-11-20T14:00:00Z", node->description()));
  }
  return std::make_unique<FreshnessCheck>(expectation, std::move(limits), as_of);
}

}  // namespace

std::string why_not_instants(const states::TimeSpan& span, const suite::Expectation& expectation) {
  if (span.unreadable() == 0) return {};
  return fmt::format("{}: '{}' in row {} of column '{}', expected dates or timestamps such as 2026-11-20 ({} values are none)", expectation.subject_node.place(),
                     shorten(span.first_unreadable()->value, 40), span.first_unreadable()->row, expectation.arguments[0], with_thousands(span.unreadable()));
}

const DataSubject k_freshness_subject = {{"freshness", "age of the latest date or timestamp, counted to now", suite::Argument::column, {"at_least", "at_most", "between", "less_than", "more_than"}, {"as_of"}}, make_freshness};

}  // namespace cupel::expectations
