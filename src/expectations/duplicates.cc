#include "base/text.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/key_duplicates.h"

namespace cupel::expectations {
namespace {

class DuplicatesCheck : public DataCheck {
 public:
  DuplicatesCheck(const suite::Expectation& expectation, ShareOrCount limits) : expectation_(expectation), limits_(limits) {}

  Result<void> plan(const Planning& planning) override {
    std::vector<table::ColumnRequest> columns;
    for (const std::string& name : expectation_.arguments) {
      ASSIGN_OR_RETURN(columns.emplace_back(), planning.column(name, expectation_.subject_node, table::ColumnRequest::As::native));
    }
    state_ = planning.current->need("key_duplicates", columns, planning.where, [](std::span<const int> slots) {
      return std::make_unique<states::KeyDuplicates>(std::vector<int>(slots.begin(), slots.end()));
    });
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& state = facts.current->get<states::KeyDuplicates>(state_);
    outcome.unexpected_rows = state.duplicate_rows().rows();
    limits_.judge(*expectation_.predicate, state.duplicates(), state.keys(), "not the first of their key", outcome);
  }

 private:
  suite::Expectation expectation_;
  ShareOrCount limits_;
  int state_ = -1;
};

Result<std::unique_ptr<DataCheck>> make(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  return std::make_unique<DuplicatesCheck>(expectation, limits);
}

}  // namespace

const DataSubject k_duplicates_subject = {{"duplicates", "rows that are not the first of their key (one column or several), as a share or a count", suite::Argument::columns, k_number_predicates},
                                          make};

}  // namespace cupel::expectations
