#include "base/text.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/value_counts.h"

namespace cupel::expectations {
namespace {

void judge_distinct(const states::State& state, const suite::Predicate& predicate, const ShareOrCount& limits, suite::Outcome& outcome) {
  const auto& counts = dynamic_cast<const states::ValueCounts&>(state);
  outcome.rows_tested = counts.count();
  if (counts.count() == 0) return outcome.cannot(fmt::format("0 present values{}, nothing to count", where_words(outcome)));
  const double share = static_cast<double>(counts.distinct()) / static_cast<double>(counts.count());
  outcome.observed = limits.is_share ? Json(share) : Json(counts.distinct());
  outcome.pass_if(predicate.accepts(limits.is_share ? share : static_cast<double>(counts.distinct())));
  outcome.message = fmt::format("{} distinct values in {} present rows ({}), expected {}", with_thousands(counts.distinct()), with_thousands(counts.count()),
                                percent_text(share), predicate.words());
}

Result<std::unique_ptr<DataCheck>> make_distinct(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  const auto state = [](std::span<const int> slots) { return std::make_unique<states::ValueCounts>(slots[0]); };
  return std::make_unique<CountCheck>(expectation, limits, CountCheck::Counting{"value_counts", state, judge_distinct});
}

}  // namespace

const DataSubject k_distinct_subject = {{"distinct", "number of different values, or their share of the present rows", suite::Argument::column, k_number_predicates}, make_distinct};

}  // namespace cupel::expectations
