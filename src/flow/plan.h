#pragma once

#include <span>
#include <string>
#include <vector>

#include "flow/flow_file.h"

namespace cupel::flow {

/// One declared input. An input from another step may also be implied: a command that names `${train.out}` without declaring which output it
/// reads needs them all.
struct PlannedInput {
  Template text;
  std::vector<std::size_t> producers;  ///< indices of the steps that make it: several instances of a `foreach` at once; empty: a file
};

struct PlannedStep {
  std::vector<std::size_t> needs;         ///< steps that come before, ascending, each once
  std::vector<std::size_t> reads;         ///< those of `needs` whose outputs are read
  std::vector<PlannedInput> inputs;
};

/// A flow whose order is known. Index i of `steps` is step i of the flow.
struct Plan {
  Flow flow;
  std::vector<PlannedStep> steps;
  std::vector<std::size_t> order;  ///< topological; ties by place in the file

  /// `steps` and all that come after them because of them.
  std::vector<bool> downstream(std::span<const std::size_t> from) const;
  /// `steps` and all that they need.
  std::vector<bool> upstream(std::span<const std::size_t> from) const;
  /// Their names; all instances of a declared step by its name alone.
  std::vector<std::string> names_of(std::span<const std::size_t> indices) const;
};

/// Errors: a cycle (its steps named), an input that its producer does not declare (nearest output named).
Result<Plan> make_plan(Flow flow);

/// The step of that name, or all instances of a declared step, for a name from the command line. Error: there is none; the nearest is named.
Result<std::vector<std::size_t>> named_steps(const Plan& plan, std::string_view step);

}  // namespace cupel::flow
