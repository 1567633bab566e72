#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "expectations/data_check.h"
#include "states/row_check.h"

namespace cupel::expectations {

/// Limits of subjects that count rows: shares of the rows (`at_most: 5%`) or counts (`at_most: 20`), not both.
struct ShareOrCount {
  bool is_share = false;

  enum class Allow { share_or_count, share_only };
  /// Checks that limits are shares within [0 %, 100 %] or whole counts from 0.
  static Result<ShareOrCount> read(const suite::Expectation& expectation, Allow allow = Allow::share_or_count);

  /// Decides `count` of `rows` exactly, fills observed, rows_tested, unexpected and message: "846 of 23,486 rows null (3.60 %), expected
  /// at most 5 %". Zero rows are an error.
  void judge(const suite::Predicate& predicate, std::int64_t count, std::int64_t rows, std::string_view what, suite::Outcome& outcome) const;
};

/// A check that reads one state over its columns and compares a share or a count of it.
class CountCheck : public DataCheck {
 public:
  struct Counting {
    std::string_view state;    ///< identity of the state in the plan
    /// Of the columns at these slots, with this memory for what is exact up to a limit.
    std::function<std::unique_ptr<states::State>(std::span<const int> slots, std::int64_t state_bytes)> make;
    /// Reads the state and judges.
    std::function<void(const states::State& state, const suite::Predicate& predicate, const ShareOrCount& limits, suite::Outcome& outcome)> judge;
    bool needs_numbers = false;  ///< the first column must be numeric
  };
  CountCheck(const suite::Expectation& expectation, ShareOrCount limits, Counting counting)
      : expectation_(expectation), limits_(limits), counting_(std::move(counting)) {}

  Result<void> plan(const Planning& planning) override;
  void judge(const Facts& facts, suite::Outcome& outcome) const override;

 private:
  suite::Expectation expectation_;
  ShareOrCount limits_;
  Counting counting_;
  int state_ = -1;
  int first_field_ = -1;
};

/// Counts the rows that a RowCheck calls unexpected: its rows are the unexpected ones. `what` as in ShareOrCount::judge.
CountCheck::Counting counting_rows(std::string_view key, std::shared_ptr<const states::RowTest> test, std::string_view what);

}  // namespace cupel::expectations
