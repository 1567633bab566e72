#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/key_duplicates.h"

namespace cupel::expectations {
namespace {

void judge_duplicates(const states::State& state, const suite::Predicate& predicate, const ShareOrCount& limits, suite::Outcome& outcome) {
  const auto& keys = dynamic_cast<const states::KeyDuplicates&>(state);
  outcome.unexpected_rows = keys.duplicate_rows().rows();
  limits.judge(predicate, keys.duplicates(), keys.keys(), "not the first of their key", outcome);
}

Result<std::unique_ptr<DataCheck>> make_duplicates(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  const auto state = [](std::span<const int> slots) { return std::make_unique<states::KeyDuplicates>(std::vector<int>(slots.begin(), slots.end())); };
  return std::make_unique<CountCheck>(expectation, limits, CountCheck::Counting{"key_duplicates", state, judge_duplicates});
}

}  // namespace

const DataSubject k_duplicates_subject = {{"duplicates", "rows that are not the first of their key (one column or several), as a share or a count", suite::Argument::columns, k_number_predicates},
                                          make_duplicates};
const DataSubject k_duplicate_rows_subject = {{"duplicate_rows", "rows that repeat an earlier row in all columns, as a share or a count", suite::Argument::table, k_number_predicates}, make_duplicates};

}  // namespace cupel::expectations
