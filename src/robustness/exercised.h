#pragma once

#include <optional>
#include <string>
#include <vector>

#include "robustness/model_subject.h"

namespace cupel::robustness {

/// The rows that a change really changed, among those of the expectation. The others say nothing about robustness and are left out.
struct Exercised {
  const Perturbed* perturbed = nullptr;
  std::vector<std::int64_t> rows;
  std::string note;  ///< "; 12 of 4,686 rows were not exercised", or empty
};

/// Nothing, with the outcome telling why, when the change cannot be made or changed no row: that is never a pass.
std::optional<Exercised> exercised_rows(const suite::Expectation& expectation, const Change& change, Trial& trial, suite::Outcome& outcome);

}  // namespace cupel::robustness
