#include "base/text.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/tally.h"

namespace cupel::expectations {
namespace {

void judge_share(const std::vector<std::string>& of, const states::State& state, const suite::Predicate& predicate, const ShareOrCount& limits, suite::Outcome& outcome) {
  const auto& counts = dynamic_cast<const states::Tally&>(state);
  std::int64_t count = 0;
  std::string names;
  for (const std::int64_t found : counts.counts_of(of)) count += found;
  for (const std::string& value : of) names += (names.empty() ? "" : ", ") + fmt::format("'{}'", shorten(value, 40));
  limits.judge(predicate, count, counts.count(), "are " + names, outcome);
  outcome.unexpected.reset();  // the rows with the value are not wrong rows
}

Result<std::unique_ptr<DataCheck>> make_share(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation, ShareOrCount::Allow::share_only));
  const yaml::Node* of = expectation.parameter("of");
  if (of == nullptr) return expectation.entry.fail_here("'share' without 'of', the value or values that are counted");
  ASSIGN_OR_RETURN(const std::vector<std::string> values, of->texts("'of'"));
  if (values.empty()) return of->fail_here("'of' is an empty list, expected at least one value");
  const auto state = [](std::span<const int> slots, std::int64_t limit) { return std::make_unique<states::Tally>(slots[0], limit); };
  return std::make_unique<CountCheck>(expectation, limits, CountCheck::Counting{"tally", state, std::bind_front(judge_share, values)});
}

}  // namespace

const DataSubject k_share_subject = {{"share", "share of the present rows that have a value, or one of several", suite::Argument::column, k_number_predicates, {"of"}}, make_share};

}  // namespace cupel::expectations
