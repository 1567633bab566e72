#include "base/text.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/null_count.h"

namespace cupel::expectations {
namespace {

class NullsCheck : public DataCheck {
 public:
  NullsCheck(const suite::Expectation& expectation, ShareOrCount limits) : expectation_(expectation), limits_(limits) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, table::ColumnRequest::As::native));
    state_ = planning.current->need("null_count", {column}, planning.where, [](std::span<const int> slots) { return std::make_unique<states::NullCount>(slots[0]); });
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& state = facts.current->get<states::NullCount>(state_);
    outcome.unexpected_rows = state.null_rows().rows();
    limits_.judge(*expectation_.predicate, state.nulls(), state.rows(), "null", outcome);
  }

 private:
  suite::Expectation expectation_;
  ShareOrCount limits_;
  int state_ = -1;
};

Result<std::unique_ptr<DataCheck>> make(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  return std::make_unique<NullsCheck>(expectation, limits);
}

}  // namespace

const DataSubject k_nulls_subject = {{"nulls", "rows whose value is missing, as a share or a count", suite::Argument::column, k_number_predicates}, make};

}  // namespace cupel::expectations
