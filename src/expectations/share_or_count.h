#pragma once

#include <cstdint>

#include "expectations/data_check.h"

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

}  // namespace cupel::expectations
