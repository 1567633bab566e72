#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flow/flow_file.h"

namespace cupel::flow {

/// One declared input. An input from another step may also be implied: a command that names `${train.out}` without declaring which output it
/// reads needs them all.
struct PlannedInput {
  Template text;
  std::optional<std::size_t> producer;  ///< index of the step that makes it
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

  std::optional<std::size_t> index_of(std::string_view step) const;
  /// `step` and all that come after it because of it.
  std::vector<bool> downstream(std::size_t step) const;
  /// `step` and all that it needs.
  std::vector<bool> upstream(std::size_t step) const;
};

/// Errors: a cycle (its steps named), an input that its producer does not declare (nearest output named).
Result<Plan> make_plan(Flow flow);

/// The flow as a Mermaid graph: steps as nodes, solid edges for outputs that are read, dotted for `after`.
std::string mermaid(const Plan& plan);

/// Like `make_plan`'s error, for a step named on the command line.
Result<std::size_t> named_step(const Plan& plan, std::string_view step);

}  // namespace cupel::flow
