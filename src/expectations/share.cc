#include "base/text.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/value_counts.h"

namespace cupel::expectations {
namespace {

class ShareCheck : public DataCheck {
 public:
  ShareCheck(const suite::Expectation& expectation, ShareOrCount limits, std::vector<suite::Limit> of)
      : expectation_(expectation), limits_(limits), of_(std::move(of)) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, table::ColumnRequest::As::native));
    state_ = planning.current->need("value_counts", {column}, planning.where, [](std::span<const int> slots) { return std::make_unique<states::ValueCounts>(slots[0]); });
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& state = facts.current->get<states::ValueCounts>(state_);
    std::int64_t count = 0;
    std::string names;
    for (const suite::Limit& value : of_) {
      count += state.count_of(value.text);
      names += (names.empty() ? "" : ", ") + fmt::format("'{}'", shorten(value.text, 40));
    }
    limits_.judge(*expectation_.predicate, count, state.count(), "are " + names, outcome);
    outcome.unexpected.reset();  // the rows with the value are not wrong rows
  }

 private:
  suite::Expectation expectation_;
  ShareOrCount limits_;
  std::vector<suite::Limit> of_;
  int state_ = -1;
};

Result<std::unique_ptr<DataCheck>> make(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation, ShareOrCount::Allow::share_only));
  const yaml::Node* of = expectation.parameter("of");
  if (of == nullptr) return expectation.entry.fail_here("'share' without 'of', the value or values that are counted");
  std::vector<suite::Limit> values;
  if (of->is_list()) {
    for (const yaml::Node& item : of->items) {
      ASSIGN_OR_RETURN(values.emplace_back(), suite::Limit::parse(item, "'of'"));
    }
  } else {
    ASSIGN_OR_RETURN(values.emplace_back(), suite::Limit::parse(*of, "'of'"));
  }
  if (values.empty()) return of->fail_here("'of' is an empty list, expected at least one value");
  return std::make_unique<ShareCheck>(expectation, limits, std::move(values));
}

}  // namespace

const DataSubject k_share_subject = {{"share", "share of the present rows that have a value, or one of several", suite::Argument::column, k_number_predicates, {"of"}}, make};

}  // namespace cupel::expectations
