#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "expectations/data_check.h"
#include "expectations/row_tests.h"
#include "table/expression.h"

namespace cupel::expectations {

/// What a row-wise check needs once the columns are known.
struct RowWisePlan {
  std::string key;  ///< identity of the test among all tests on these columns
  std::vector<table::ColumnRequest> columns;
  std::shared_ptr<const states::RowTest> test;
  bool needs_numbers = false;  ///< the first column must be numeric
  std::optional<table::Expression> condition{};  ///< of every_row: bound again after the scan, when the types are final
};

/// A check that asks every row: passes when at least `mostly` (default all) of the tested rows are as expected. Nulls are skipped; no tested row
/// is an error.
class RowWiseCheck : public DataCheck {
 public:
  using MakePlan = std::function<Result<RowWisePlan>(const Planning&)>;
  RowWiseCheck(const suite::Expectation& expectation, std::string expected, MakePlan make_plan)
      : expectation_(expectation), expected_(std::move(expected)), make_plan_(std::move(make_plan)) {}

  Result<void> plan(const Planning& planning) override;
  void judge(const Facts& facts, suite::Outcome& outcome) const override;

 private:
  suite::Expectation expectation_;
  std::string expected_;  ///< "between 18 and 110"
  MakePlan make_plan_;
  int state_ = -1;
  int numeric_field_ = -1;
  std::optional<table::Expression> condition_;
};

}  // namespace cupel::expectations
