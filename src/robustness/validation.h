#pragma once

#include <functional>
#include <vector>

#include "base/result.h"
#include "robustness/model_subject.h"

namespace cupel::robustness {

/// A model suite, ready to be judged: every mistake in it has been found.
class Validation {
 public:
  /// `suite` outlives this. Errors: parameters that are not understood, with their place.
  static Result<Validation> make(const suite::Suite& suite);
  /// One outcome an expectation, in order. `progress` is called after each.
  std::vector<suite::Outcome> judge(Trial& trial, const std::function<void(std::uint64_t done, std::uint64_t total)>& progress = {}) const;

 private:
  explicit Validation(const suite::Suite& suite) : suite_(&suite) {}
  const suite::Suite* suite_;
  std::vector<Judge> judges_;
};

}  // namespace cupel::robustness
