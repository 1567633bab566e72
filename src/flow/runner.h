#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flow/inject.h"
#include "flow/place.h"
#include "flow/plan.h"
#include "flow/run_record.h"
#include "flow/time_left.h"

namespace cupel::flow {

/// Who wants to see a run as it goes on. Called on the runner's thread; must not block.
class Watcher {
 public:
  virtual ~Watcher() = default;
  /// A step's state changed, or something happened to it that is worth a line ("attempt 2 of 4 in 5 s").
  virtual void changed(const RunRecord& run, const StepRecord& step, std::string_view note) = 0;
  struct Running {
    std::string step;
    double seconds = 0;
    double expected_seconds = 0;  ///< from its last success; 0: unknown
  };
  /// Ten times a second while commands run.
  virtual void tick(const RunRecord& run, const std::vector<Running>& running, const TimeLeft& left) = 0;
};

enum class Caching { on, off };
enum class OnStop { stop, keep_going };  ///< after a fault: start nothing more, or go on with what does not depend on it

struct RunOptions {
  fs::path home;  ///< absolute
  std::vector<Injection> injections;
  Caching caching = Caching::on;
  OnStop on_stop = OnStop::stop;
  int jobs = 1;                       ///< commands at a time
  std::optional<std::string> from;    ///< this step and what depends on it is not taken from the cache
  std::optional<std::string> until;   ///< only this step and what it needs
  Place place = Place::host;
  double grace_seconds = 10;
  std::uint64_t seed = 0;             ///< of the jitter of delays
  Tools tools;
  std::vector<std::string> overridden;  ///< names of parameters from the command line, for the record
  Watcher* watcher = nullptr;
};

/// Runs a flow from its beginning. SIGINT and SIGTERM stop it: commands get SIGTERM, after the grace period SIGKILL; a second signal kills at
/// once. The record says how it ended; an Error means that there was no run at all or that its records cannot be written.
Result<RunRecord> run_flow(const Plan& plan, const RunOptions& options);

/// Goes on with a run that was interrupted or failed: steps that are done, have the same key and still have their outputs are kept; attempts
/// without a result are recorded as interrupted; checkpoints stay. Injected faults are not induced again, but the run stays marked.
Result<RunRecord> resume_flow(const fs::path& run_folder, const Plan& plan, const RunOptions& options);

}  // namespace cupel::flow
