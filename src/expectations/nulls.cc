#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/null_count.h"

namespace cupel::expectations {
namespace {

void judge_nulls(const states::State& state, const suite::Predicate& predicate, const ShareOrCount& limits, suite::Outcome& outcome) {
  const auto& nulls = dynamic_cast<const states::NullCount&>(state);
  outcome.unexpected_rows = nulls.null_rows();
  limits.judge(predicate, nulls.nulls(), nulls.rows(), "null", outcome);
}

Result<std::unique_ptr<DataCheck>> make_nulls(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  const auto state = [](std::span<const int> slots, std::int64_t) { return std::make_unique<states::NullCount>(slots[0]); };
  return std::make_unique<CountCheck>(expectation, limits, CountCheck::Counting{"null_count", state, judge_nulls});
}

}  // namespace

const DataSubject k_nulls_subject = {{"nulls", "rows whose value is missing, as a share or a count", suite::Argument::column, k_number_predicates}, make_nulls};

}  // namespace cupel::expectations
