#pragma once

#include <string>
#include <vector>

#include "flow/plan.h"
#include "flow/step_key.h"

namespace cupel::flow {

/// What `${name}` stands for in one attempt of one step.
struct Surroundings {
  const Flow* flow = nullptr;
  const Step* step = nullptr;
  fs::path run;                          ///< the run's folder
  fs::path out;                          ///< where this attempt writes
  int attempt = 1;
  std::vector<std::pair<std::string, std::string>> with;  ///< parameters that differ in this attempt
};

/// The value of `${name}`; other steps' outputs stand where `out_folder` says. The flow was checked, so an unknown name is an error of a
/// template that was not (the `to` of a `by`).
Result<std::string> value_of(const Surroundings& where, const std::string& name);

/// A declared input of this run: paths on disk.
struct FoundInput {
  std::string declared;         ///< as written
  std::vector<fs::path> paths;  ///< absolute; several of a glob; none of a URL
  bool missing = false;
  std::string url;              ///< the text, when it is no path: counted by its text
};
/// Looks every input up, relative to the flow's folder.
Result<std::vector<FoundInput>> find_inputs(const PlannedStep& planned, const Surroundings& where);

/// "input 'x.csv' is not there", with a hint when it stands in the caller's folder instead.
std::string missing_text(const std::vector<FoundInput>& inputs, const Surroundings& where);

/// The key of a step from its inputs as they are now. `place` is where it will run.
Result<StepKey> make_key(const PlannedStep& planned, const Surroundings& where, const std::vector<FoundInput>& inputs, const Tools& tools,
                         const std::vector<std::string>& environment, std::string_view place, Digester& digester);

/// Files of the flow's folder that a command names without declaring them in `in`: changes of theirs would go unnoticed.
std::vector<std::string> undeclared_files(const PlannedStep& planned, const Surroundings& where);

}  // namespace cupel::flow
