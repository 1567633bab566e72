#pragma once

#include "flow/attempt.h"
#include "flow/place.h"
#include "flow/run_folder.h"
#include "flow/step_inputs.h"

namespace cupel::flow {

/// What one attempt of a step is made from.
struct StartRequest {
  const Flow* flow = nullptr;
  const Step* step = nullptr;
  const RunFolder* run = nullptr;
  int number = 1;
  std::string how = "run";
  std::vector<std::pair<std::string, std::string>> with;
  const Policy* fall_back = nullptr;       ///< runs its command instead of the step's
  std::vector<Injection> injections;       ///< of this step
  std::string injected_run;                ///< every injection of the run, for $CUPEL_INJECTED; empty: none
  int own_attempts = 0;                    ///< of the step's command in this run so far: faults of the first attempt are induced at 0
  fs::path home;
  Tools tools;
  Places* places = nullptr;                ///< null pointer: on the host
  std::vector<fs::path> inputs;
  double grace_seconds = 10;
};

/// This process's environment as steps see it: $PATH begins with this build's programs, $CUPEL_HOME is absolute, nothing of an outer run.
std::vector<std::string> step_environment(const fs::path& home, const Tools& tools);

/// Makes the attempt's folder with its scratch `out`, the command with every `${…}` replaced, its environment and limits.
Result<AttemptSpec> make_attempt(const StartRequest& request);

/// Leaves the checkpoint folder for an attempt, as it is or emptied.
enum class Checkpoints { keep, clear };
Result<void> prepare_checkpoint(const RunFolder& run, std::string_view step, Checkpoints checkpoints);
/// A step that is done needs none, nor what a killed command was just writing there.
void discard_checkpoint(const RunFolder& run, std::string_view step);
/// At the end of a run.
void discard_spare_checkpoint(const RunFolder& run);

}  // namespace cupel::flow
