#include "base/text.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/key_duplicates.h"

namespace cupel::expectations {

int need_key_duplicates(const Planning& planning, const std::vector<table::ColumnRequest>& columns) {
  const auto make = [limit = 4 * planning.state_bytes](std::span<const int> slots) {
    return std::make_unique<states::KeyDuplicates>(std::vector<int>(slots.begin(), slots.end()), limit);
  };
  return planning.current->need("key_duplicates", columns, planning.where, make);
}

namespace {

class DuplicatesCheck : public DataCheck {
 public:
  DuplicatesCheck(const suite::Expectation& expectation, ShareOrCount limits) : expectation_(expectation), limits_(limits) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(columns_, planning.columns(expectation_, table::ColumnRequest::As::native));
    state_ = need_key_duplicates(planning, columns_);
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& keys = facts.current->get<states::KeyDuplicates>(state_);
    auto rows = keys.duplicate_rows();
    if (!rows) return outcome.cannot(rows.error().text());
    outcome.unexpected_rows = std::move(*rows);
    limits_.judge(*expectation_.predicate, outcome.unexpected_rows.size(), keys.keys(), "not the first of their key", outcome);
  }

 private:
  suite::Expectation expectation_;
  ShareOrCount limits_;
  std::vector<table::ColumnRequest> columns_;
  int state_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_duplicates(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  return std::make_unique<DuplicatesCheck>(expectation, limits);
}

}  // namespace

const DataSubject k_duplicates_subject = {{"duplicates", "rows that are not the first of their key (one column or several), as a share or a count", suite::Argument::columns, k_number_predicates},
                                          make_duplicates};
const DataSubject k_duplicate_rows_subject = {{"duplicate_rows", "rows that repeat an earlier row in all columns, as a share or a count", suite::Argument::table, k_number_predicates}, make_duplicates};

}  // namespace cupel::expectations
