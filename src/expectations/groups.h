#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "states/scalar.h"
#include "suite/suite.h"
#include "table/batch.h"

namespace cupel::expectations {

/// One group of rows: a value for each column of `by`; nothing: null.
using GroupValues = std::vector<std::optional<states::Scalar>>;

/// `"Department Name" = 'Tops' and "Size" is null`: the rows of a group, as a filter. Errors: a text longer than an expression may be.
Result<table::Expression> group_filter(std::span<const std::string> columns, const GroupValues& values);

/// An expectation as it is judged: as stated, or for one group; or what keeps it from being judged.
struct Member {
  std::size_t of = 0;  ///< the expectation as stated
  suite::Expectation expectation;
  std::string refusal;  ///< not empty: the outcome is `error` with this message
};

struct Expanded {
  std::vector<Member> members;     ///< in the order of the suite, groups by value
  std::vector<std::string> notes;  ///< groups that were too small, a sentence each
};

/// Replaces every expectation with `by` by one for each group of the rows that it is about. The groups are found in one scan of the columns
/// that are grouped by, none when no expectation has `by`. The types of these columns are final afterwards.
Result<Expanded> expand_groups(std::vector<suite::Expectation> expectations, table::BatchSource& data,
                               const std::optional<table::Expression>& where, const table::ScanOptions& scan);

}  // namespace cupel::expectations
