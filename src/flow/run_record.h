#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "flow/fault.h"
#include "flow/step_key.h"
#include "flow/step_path.h"

namespace cupel::flow {

/// What became of a step.
enum class StepState {
  waiting,
  running,
  ok,
  reused,     ///< an equal key had made these outputs before, and they still have their digests
  kept,       ///< done earlier in this run, before it was resumed
  fell_back,  ///< after a fault, outputs of a named earlier model were taken
  continued,  ///< after a fault, the run went on as if it had succeeded
  skipped,    ///< after a fault, the run went on without it
  not_run,    ///< because of a step that it needs, or because the run stopped
  faulted,    ///< a fault that nothing handled
};
std::string_view name_of(StepState state);
std::optional<StepState> step_state_of(std::string_view name);

struct OutputRecord {
  std::string name;  ///< below the step's out folder
  Digest digest;
};

/// A declared input as a step found it when its key was made.
struct InputRecord {
  std::string declared;            ///< as written: "${data}"
  std::vector<std::string> paths;  ///< absolute, or one URL; several of a glob
  std::string digest;              ///< as in the key
};

/// One start of a step's command.
struct AttemptRecord {
  int number = 1;
  std::string how = "run";  ///< run, retry, resume, fall_back
  std::string started;      ///< UTC
  bool ended = false;       ///< a result was written; without it and without a runner: interrupted
  Fault fault = Fault::none;
  std::string why;
  int exit_status = -1;
  int signal = 0;
  double seconds = 0;
  double cpu_seconds = 0;
  std::uint64_t peak_memory_bytes = 0;
  int leftovers = 0;
  std::string injected;     ///< "rows:900"; empty: nothing
  std::vector<std::pair<std::string, std::string>> with;  ///< parameters that differed
};

struct StepRecord {
  std::string name;           ///< of an instance of a `foreach`: "train[seed=7]"
  Bindings each;              ///< of an instance: seed 7
  std::vector<std::string> needs;  ///< steps that come before; a declared step stands for all its instances
  std::vector<std::string> reads;  ///< those whose outputs are read
  std::vector<InputRecord> inputs;
  StepState state = StepState::waiting;
  Fault fault = Fault::none;  ///< the last, handled or not
  std::string why;            ///< of the fault or of not running
  std::string ran_because;    ///< what had changed since its last success; empty when it did not run
  std::string response;       ///< what was done about the fault; empty: no fault
  std::string because;        ///< of the response, from the flow file
  double seconds = 0;         ///< of all attempts
  std::string key;            ///< digest; empty when it never got so far
  std::optional<StepKey> key_parts;
  std::string reused_from;    ///< run id
  std::string took;           ///< of fell_back: the model
  std::vector<OutputRecord> outputs;
  std::vector<AttemptRecord> attempts;

  bool done() const { return state == StepState::ok || state == StepState::reused || state == StepState::kept || state == StepState::fell_back || state == StepState::continued; }
};

enum class RunState { running, ok, handled, gate_failed, failed, too_little_data, interrupted };
std::string_view name_of(RunState state);

struct RunRecord {
  std::string id;
  std::string cupel;        ///< version of the program that ran it
  std::string flow;
  std::string about;
  std::string file;
  std::string file_digest;
  std::string folder;       ///< of the run
  std::vector<std::pair<std::string, std::string>> params;
  std::vector<std::string> overridden;  ///< parameters from the command line
  std::vector<std::string> injected;    ///< "train=rows:900"; a run with any is never a real one
  std::string environments = "host";
  std::string started;
  std::string ended;         ///< empty while running
  double seconds = 0;
  int resumed = 0;           ///< how often
  RunState state = RunState::running;
  int exit_status = 0;
  std::vector<StepRecord> steps;

  const StepRecord* find(std::string_view step) const;
};

/// 0 ok or handled, 1 gate_failed, 2 failed, 75 too_little_data, 130 interrupted (143 when by SIGTERM).
int exit_status_of(RunState state);
/// From the steps' states; `signal` stopped the runner (0: none).
RunState settle(const std::vector<StepRecord>& steps, int signal);

nlohmann::ordered_json run_json(const RunRecord& run);
nlohmann::ordered_json attempt_json(const AttemptRecord& attempt);
nlohmann::ordered_json step_json(const StepRecord& step);
Result<RunRecord> run_from_json(const nlohmann::ordered_json& json, std::string_view source);
StepRecord step_from_json(const nlohmann::ordered_json& json);
Result<AttemptRecord> attempt_from_json(const nlohmann::ordered_json& json, std::string_view source);

/// The record of a run as it stands: run.json, and for a run that is going on or died, what its journal adds. A run that says
/// "running" but is held by nobody is interrupted.
Result<RunRecord> load_run(const fs::path& run_folder);

}  // namespace cupel::flow
