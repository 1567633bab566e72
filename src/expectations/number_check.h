#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "expectations/data_check.h"

namespace cupel::expectations {

/// What a subject that is one number reads from its states.
struct Reading {
  std::optional<double> value;  ///< empty: undefined, and `why_not` says why
  std::int64_t rows = 0;        ///< that it was computed from
  std::string why_not;
  std::string note;             ///< further facts for the message: "after 2026-01-03"
};

/// A subject that is one number of the rows at hand, compared exactly with limits: numbers, shares, or the same number of the reference
/// (`{reference: entropy, within: 5%}`).
class NumberCheck : public DataCheck {
 public:
  struct Measure {
    std::string name;  ///< as messages and `{reference: …}` call it
    /// Asks for the states; the same for the data and for the reference.
    std::function<Result<std::vector<int>>(states::Plan& plan, const Planning& planning)> need;
    /// Types in the schema are final.
    std::function<Reading(const states::Answers& answers, std::span<const int> states, const table::Schema& schema)> read;
    /// How a message shows the number; null: with six digits.
    std::string (*show)(double value) = nullptr;
  };
  NumberCheck(const suite::Expectation& expectation, Measure measure) : expectation_(expectation), measure_(std::move(measure)) {}

  Result<void> plan(const Planning& planning) override;
  void judge(const Facts& facts, suite::Outcome& outcome) const override;

 private:
  suite::Expectation expectation_;
  Measure measure_;
  std::vector<int> states_;
  std::optional<std::vector<int>> reference_states_;
};

/// Checks the limits (numbers, shares, the subject's own name of the reference) and makes the check.
Result<std::unique_ptr<DataCheck>> make_number_check(const suite::Expectation& expectation, NumberCheck::Measure measure);

/// Does some limit name a quantity of the reference?
bool refers_to_reference(const suite::Predicate& predicate);

/// Puts the reference's value in the place of the limit. With `within`, `equals` becomes a range around it and the others are loosened by it.
/// `stddev` is of the reference's values, for `within: 2 stddev`.
void resolve_reference(suite::Predicate& predicate, double value, std::optional<double> stddev = std::nullopt);

/// Error unless a predicate with a reference limit has only that limit and compares in one direction or with `equals`.
Result<void> check_reference_limit(const suite::Predicate& predicate, const suite::Limit& limit, std::span<const std::string> known);

}  // namespace cupel::expectations
