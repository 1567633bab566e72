#pragma once

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>
#include <vector>

#include "flow/digest.h"
#include "flow/plan.h"

namespace cupel::flow {

/// All that decides what a step makes, by content. Two executions with equal keys make the same outputs, as far as the step declares what it
/// reads.
struct StepKey {
  std::string command;                            ///< templates as written, one a line
  std::map<std::string, std::string> parameters;  ///< those that the step uses
  std::map<std::string, std::string> inputs;      ///< as written → digest
  std::map<std::string, std::string> environment; ///< file of the environment's folder → digest
  std::map<std::string, std::string> variables;   ///< `env:` as written
  std::map<std::string, std::string> tools;       ///< program → digest
  std::string outputs;                            ///< declared, one a line
  std::string place = "host";                     ///< where it runs: host, venv, docker, podman

  std::string digest() const;
};

nlohmann::ordered_json key_json(const StepKey& key);
/// Unknown or missing parts read as empty.
StepKey key_from_json(const nlohmann::ordered_json& json);

/// What differs, for people, each a short clause: "parameter 'seed' changed from 7 to 8", "input 'train.yaml' changed". Empty: nothing.
std::vector<std::string> differences(const StepKey& before, const StepKey& now);
/// The first two of them, and how many more; empty: none.
std::string differences_text(const StepKey& before, const StepKey& now);

/// Where the programs are that a step may call.
struct Tools {
  fs::path bin;      ///< of this build, in front of PATH; empty: none
  fs::path libexec;  ///< executables of the commands
};

/// The programs that a command starts, as far as its text tells: argv[0] or the first word of a shell text, and for each `cupel WORD` the
/// executable of that command (all of them when WORD has none of its own name). Program → path.
std::map<std::string, fs::path> programs_of(const Step& step, const Tools& tools, const std::vector<std::string>& environment);

}  // namespace cupel::flow
