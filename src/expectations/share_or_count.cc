#include "expectations/share_or_count.h"

#include <cmath>

#include "base/text.h"
#include "expectations/subjects_internal.h"

namespace cupel::expectations {
namespace {

using suite::Limit;

Result<void> check_limit(const Limit& limit, bool share_only) {
  if (limit.kind == Limit::Kind::share || (share_only && limit.kind == Limit::Kind::number)) {
    if (limit.number < 0 || limit.number > 1) {
      return limit.node.fail_here(fmt::format("the limit is {}, expected a share from 0% to 100%", limit.node.description()));
    }
    return {};
  }
  if (limit.kind != Limit::Kind::number || share_only) {
    return limit.node.fail_here(fmt::format("the limit is {}, expected a share such as 5%{}", limit.node.description(), share_only ? "" : " or a count"));
  }
  if (limit.number < 0 || (!limit.is_found && limit.number != std::floor(limit.number))) {
    return limit.node.fail_here(fmt::format("the limit is {}, expected a count (0 or more, whole) or a share such as 5%", limit.node.description()));
  }
  return {};
}

}  // namespace

Result<ShareOrCount> ShareOrCount::read(const suite::Expectation& expectation, Allow allow) {
  const suite::Predicate& predicate = *expectation.predicate;
  if (predicate.limits.empty()) return predicate.node.fail_here(fmt::format("'{}' is {}, expected a limit", predicate.name(), predicate.node.description()));
  const bool share_only = allow == Allow::share_only;
  for (const Limit& limit : predicate.limits) TRY(check_limit(limit, share_only));
  const bool shares = share_only || predicate.has_only(Limit::Kind::share);
  if (!shares && !predicate.has_only(Limit::Kind::number)) return predicate.node.fail_here("shares and counts are mixed, expected one kind");
  return ShareOrCount{shares};
}

void ShareOrCount::judge(const suite::Predicate& predicate, std::int64_t count, std::int64_t rows, std::string_view what, suite::Outcome& outcome) const {
  outcome.rows_tested = rows;
  if (rows == 0) return outcome.cannot(fmt::format("0 rows{}, nothing to test", where_words(outcome)));
  const double share = static_cast<double>(count) / static_cast<double>(rows);
  outcome.observed = is_share ? Json(share) : Json(count);
  if (!outcome.unexpected) outcome.unexpected = suite::Unexpected{count, share, {}};
  outcome.pass_if(predicate.accepts(is_share ? share : static_cast<double>(count)));
  outcome.message = fmt::format("{} of {} rows {} ({}), expected {}", with_thousands(count), with_thousands(rows), what, percent_text(share), predicate.words());
}

Result<void> CountCheck::plan(const Planning& planning) {
  ASSIGN_OR_RETURN(const auto columns, planning.columns(expectation_, table::ColumnRequest::As::native));
  if (!columns.empty()) first_field_ = columns[0].field;
  const auto make = [this, limit = planning.state_bytes](std::span<const int> slots) { return counting_.make(slots, limit); };
  state_ = planning.current->need(std::string(counting_.state), columns, planning.where, make);
  return {};
}

void CountCheck::judge(const Facts& facts, suite::Outcome& outcome) const {
  if (counting_.needs_numbers) {
    std::string problem = why_not_numeric(*facts.schema, first_field_, expectation_.subject_node);
    if (!problem.empty()) return outcome.cannot(std::move(problem));
  }
  counting_.judge(facts.current->get<states::State>(state_), *expectation_.predicate, limits_, outcome);
}

CountCheck::Counting counting_rows(std::string_view key, std::shared_ptr<const states::RowTest> test, std::string_view what) {
  const auto make = [test](std::span<const int> slots, std::int64_t) { return std::make_unique<states::RowCheck>(test, std::vector<int>(slots.begin(), slots.end())); };
  const auto judge = [what](const states::State& state, const suite::Predicate& predicate, const ShareOrCount& limits, suite::Outcome& outcome) {
    const auto& check = dynamic_cast<const states::RowCheck&>(state);
    outcome.unexpected_rows = check.unexpected_rows();
    limits.judge(predicate, check.unexpected(), check.tested(), what, outcome);
    if (outcome.unexpected) {
      for (const auto& example : check.examples()) outcome.unexpected->examples.push_back({example.row, example.value});
    }
  };
  return {key, make, judge};
}

}  // namespace cupel::expectations
