#pragma once

#include <string>
#include <vector>

#include "flow/runner.h"

namespace cupel::flow {

/// Checks everything that can be known before the first command: injected faults name steps that can have them, input files that no step
/// makes are there, environment folders hold a Dockerfile. Warnings (undeclared files) are appended to `warnings`.
Result<void> check_before_run(const Plan& plan, const RunOptions& options, std::vector<std::string>& warnings);

/// What would happen, without running: for each step "would run: <why>" or "would be reused". Steps whose inputs are not made yet say so.
struct DryStep {
  std::string step;
  bool reused = false;
  std::string why;
};
Result<std::vector<DryStep>> dry_run(const Plan& plan, const RunOptions& options);

}  // namespace cupel::flow
