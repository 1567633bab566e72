#include "base/text.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/value_counts.h"

namespace cupel::expectations {
namespace {

class DistinctCheck : public DataCheck {
 public:
  DistinctCheck(const suite::Expectation& expectation, ShareOrCount limits) : expectation_(expectation), limits_(limits) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, table::ColumnRequest::As::native));
    state_ = planning.current->need("value_counts", {column}, planning.where, [](std::span<const int> slots) { return std::make_unique<states::ValueCounts>(slots[0]); });
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& state = facts.current->get<states::ValueCounts>(state_);
    const suite::Predicate& predicate = *expectation_.predicate;
    const std::int64_t present = state.count();
    outcome.rows_tested = present;
    if (present == 0) return outcome.cannot(fmt::format("0 present values{}, nothing to count", where_words(outcome)));
    const auto distinct = static_cast<double>(state.distinct());
    const double observed = limits_.is_share ? distinct / static_cast<double>(present) : distinct;
    outcome.observed = limits_.is_share ? Json(observed) : Json(state.distinct());
    outcome.pass_if(predicate.accepts(observed));
    outcome.message = fmt::format("{} distinct values in {} present rows ({}), expected {}", with_thousands(state.distinct()), with_thousands(present),
                                  percent_text(distinct / static_cast<double>(present)), predicate.words());
  }

 private:
  suite::Expectation expectation_;
  ShareOrCount limits_;
  int state_ = -1;
};

Result<std::unique_ptr<DataCheck>> make(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  return std::make_unique<DistinctCheck>(expectation, limits);
}

}  // namespace

const DataSubject k_distinct_subject = {{"distinct", "number of different values, or their share of the present rows", suite::Argument::column, k_number_predicates}, make};

}  // namespace cupel::expectations
