// How often values occur once: uniqueness (of rows), unique_value_ratio (of distinct values).

#include <optional>

#include "base/text.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/row_keys.h"
#include "states/unordered_rows.h"

namespace cupel::expectations {
namespace {

struct Repeats {
  std::int64_t distinct = 0;
  std::int64_t once = 0;               ///< distinct keys that occur in a single row
  states::UnorderedRows repeated{};    ///< all rows of the other keys
};

Repeats repeats_of(const states::RowKeys& keys) {
  Repeats repeats;
  std::optional<states::RowKeys::Record> before;
  bool repeats_before = false;  // `before` has the key of the one before it
  const auto settle = [&](bool repeats_next) {
    if (!before) return;
    if (repeats_before || repeats_next) {
      repeats.repeated.add(before->row);
    } else {
      ++repeats.once;
    }
  };
  keys.records().for_each([&](const states::RowKeys::Record& record) {
    const bool same = before && before->key == record.key;
    settle(same);
    repeats.distinct += same ? 0 : 1;
    repeats_before = same;
    before = record;
  });
  settle(false);
  return repeats;
}

void judge_uniqueness(const states::State& state, const suite::Predicate& predicate, const ShareOrCount& limits, suite::Outcome& outcome) {
  const auto& keys = dynamic_cast<const states::RowKeys&>(state);
  const Repeats repeats = repeats_of(keys);
  const std::int64_t repeated = repeats.repeated.size();
  if (keys.count() > 0) outcome.unexpected = suite::Unexpected{repeated, static_cast<double>(repeated) / static_cast<double>(keys.count()), {}};
  auto rows = repeats.repeated.list();
  if (!rows) return outcome.cannot(rows.error().text());
  outcome.unexpected_rows = std::move(*rows);
  limits.judge(predicate, repeats.once, keys.count(), "unique in their key", outcome);
}

void judge_ratio(const states::State& state, const suite::Predicate& predicate, const ShareOrCount&, suite::Outcome& outcome) {
  const auto& keys = dynamic_cast<const states::RowKeys&>(state);
  const Repeats repeats = repeats_of(keys);
  outcome.rows_tested = keys.count();
  if (repeats.distinct == 0) return outcome.cannot(fmt::format("0 present values{}, nothing to count", where_words(outcome)));
  const double share = static_cast<double>(repeats.once) / static_cast<double>(repeats.distinct);
  outcome.observed = share;
  outcome.pass_if(predicate.accepts(share));
  outcome.message = fmt::format("{} of {} distinct values occur once ({}), expected {}", with_thousands(repeats.once), with_thousands(repeats.distinct), percent_text(share), predicate.words());
}

template <typename Judge>
Result<std::unique_ptr<DataCheck>> make_of_keys(const suite::Expectation& expectation, ShareOrCount::Allow allow, Judge judge) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation, allow));
  const auto state = [](std::span<const int> slots, std::int64_t limit) { return std::make_unique<states::RowKeys>(std::vector<int>(slots.begin(), slots.end()), slots.size(), limit); };
  return std::make_unique<CountCheck>(expectation, limits, CountCheck::Counting{"row_keys", state, judge});
}

Result<std::unique_ptr<DataCheck>> make_uniqueness(const suite::Expectation& expectation) { return make_of_keys(expectation, ShareOrCount::Allow::share_or_count, judge_uniqueness); }
Result<std::unique_ptr<DataCheck>> make_ratio(const suite::Expectation& expectation) { return make_of_keys(expectation, ShareOrCount::Allow::share_only, judge_ratio); }

}  // namespace

const DataSubject k_unique_value_ratio_subject = {{"unique_value_ratio", "share of the distinct values (of a column or several) that occur once", suite::Argument::columns, k_number_predicates}, make_ratio};
const DataSubject k_uniqueness_subject = {{"uniqueness", "rows whose value (of a column or several) occurs in no other row, as a share or a count", suite::Argument::columns, k_number_predicates}, make_uniqueness};

}  // namespace cupel::expectations
