#include "base/text.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/tally.h"

namespace cupel::expectations {
namespace {

class DistinctCheck : public DataCheck {
 public:
  DistinctCheck(const suite::Expectation& expectation, ShareOrCount limits) : expectation_(expectation), limits_(limits) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(column_, planning.column(expectation_.arguments[0], expectation_.subject_node, table::ColumnRequest::As::native));
    const auto make = [limit = planning.state_bytes](std::span<const int> slots) { return std::make_unique<states::Tally>(slots[0], limit, states::Tally::Texts::dropped); };
    state_ = planning.current->need("tally without texts", {column_}, planning.where, make);
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& values = facts.current->get<states::Tally>(state_);
    outcome.rows_tested = values.count();
    if (values.count() == 0) return outcome.cannot(fmt::format("0 present values{}, nothing to count", where_words(outcome)));
    const std::int64_t count = values.distinct();
    const double share = static_cast<double>(count) / static_cast<double>(values.count());
    outcome.observed = limits_.is_share ? Json(share) : Json(count);
    outcome.pass_if(expectation_.predicate->accepts(limits_.is_share ? share : static_cast<double>(count)));
    outcome.message = fmt::format("{} distinct values in {} present rows ({}), expected {}", with_thousands(count), with_thousands(values.count()),
                                  percent_text(share), expectation_.predicate->words());
  }

 private:
  suite::Expectation expectation_;
  ShareOrCount limits_;
  table::ColumnRequest column_;
  int state_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_distinct(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  return std::make_unique<DistinctCheck>(expectation, limits);
}

}  // namespace

const DataSubject k_distinct_subject = {{"distinct", "number of different values, or their share of the present rows", suite::Argument::column, k_number_predicates}, make_distinct};

}  // namespace cupel::expectations
