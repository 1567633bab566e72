#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "flow/attempt.h"
#include "flow/fresh_record.h"
#include "flow/run_folder.h"
#include "flow/runner.h"
#include "flow/step_cache.h"
#include "flow/step_inputs.h"
#include "flow/step_start.h"
#include "flow/stop_signals.h"

namespace cupel::flow {

/// In place of a key: checkpoints of attempts with other parameters are of one kind.
inline constexpr const char* k_with = "with";

/// What the runner remembers of a step beside its record.
struct Live {
  std::unique_ptr<Attempt> attempt;
  double not_before = 0;  ///< on the run's stopwatch
  std::string how = "run";
  std::vector<std::pair<std::string, std::string>> with;
  std::map<Fault, int> tries;
  Policy policy;            ///< of a fall back that runs now
  int own_attempts = 0;     ///< of the step's command in this process
  bool uncached = false;    ///< not taken from the cache
  double expected_seconds = 0;  ///< from its last success; 0: unknown
  bool asked = false;           ///< for that, before it ran
  std::string checkpoint_of;         ///< the key of the last attempt
  std::optional<StepRecord> before;  ///< from the run that is resumed
};

/// One run: the loop over its steps and its end (runner.cc), and what becomes of each step (runner_steps.cc).
class Runner {
 public:
  Runner(const Plan& plan, const RunOptions& options, RunFolder folder, Journal journal, RunRecord record, const RunRecord* before);
  Result<RunRecord> run();

 private:
  const Step& step(std::size_t i) const { return plan_.flow.steps[i]; }
  StepRecord& at(std::size_t i) { return record_.steps[i]; }
  Surroundings around(std::size_t i) { return {&plan_.flow, &step(i), folder_.path(), folder_.out(step(i).name), 1, live_[i].with}; }
  std::vector<Injection> injections_of(std::size_t i) const;
  bool runs(std::size_t i) const { return live_[i].attempt != nullptr; }

  Result<void> loop(StopSignals& signals);
  Result<bool> start_ready();
  void block_if_needed(std::size_t i);
  Result<void> begin(std::size_t i);
  bool inputs_are_whole(std::size_t i, bool& settled);
  bool keep_earlier(std::size_t i, const StepKey& key);
  bool reuse(std::size_t i, const StepKey& key, std::string& why_not);
  void explain_run(std::size_t i, const StepKey& key, const std::optional<StepCache::Last>& last, const std::string& why_not);
  Result<void> start(std::size_t i, const std::vector<fs::path>& inputs, const Policy* fall_back);
  Result<void> finish(std::size_t i);
  Result<void> finish_fall_back(std::size_t i, AttemptRecord record);
  Result<void> keep_outputs(std::size_t i);
  void conclude_attempt(std::size_t i, const AttemptRecord& record);
  void succeed(std::size_t i);
  Result<void> respond(std::size_t i, Fault fault, const std::string& why);
  void give_up(std::size_t i, const Policy& policy);
  Result<bool> check_outputs_at_end();
  void wait_for_events(StopSignals& signals);
  TimeLeft left();
  void follow_signal(int signal);
  void settled(std::size_t i, std::string_view note = {});
  Result<void> keep_for_good();
  void close_open_steps();
  Result<void> write_record(Durable durable);
  void remember_tools();

  const Plan& plan_;
  const RunOptions& options_;
  RunFolder folder_;
  Journal journal_;
  RunRecord record_;
  StepCache cache_;
  Digester digester_;
  std::vector<std::string> environment_;
  Places places_;
  Keepers keepers_;  // before the attempts that run under them
  std::vector<Live> live_;
  std::vector<bool> selected_;
  Stopwatch watch_;
  double last_tick_ = 0;
  double seconds_before_ = 0;
  int signal_ = 0;
  std::string stopped_at_;  ///< the step whose fault ended the run
};

}  // namespace cupel::flow
