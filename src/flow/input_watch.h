#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/process.h"
#include "flow/plan.h"
#include "flow/stop_signals.h"

namespace cupel::flow {

/// What a run is made again for: the flow file, the declared inputs that no step makes (globs by their folder), and the environment folders. Inputs
/// that are not there yet count too. Nothing below `home`, where the runs themselves write.
std::vector<fs::path> watched_paths(const Plan& plan, const fs::path& home);

/// Notices changes of files from its making on, also of those that are replaced by a rename, as editors do (inotify).
class InputWatch {
 public:
  /// Error: the system's limit of watches is reached, or a folder cannot be read.
  static Result<InputWatch> make(const std::vector<fs::path>& paths, const fs::path& home);

  struct Change {
    fs::path path;   ///< the first that changed; empty: a signal came instead
    int signal = 0;
  };
  /// Waits for a change and then until nothing has changed for `quiet_seconds`, so that a file that is being written is not read in the middle.
  /// Changes since the making, or since the last answer, count.
  Change wait(const StopSignals& signals, double quiet_seconds = 0.2);

 private:
  struct Folder {
    fs::path path;
    bool all = false;             ///< everything in it counts
    std::set<std::string> names;  ///< else only these, which may be globs
  };
  Result<void> add(const fs::path& folder, bool all, const std::string& name);
  Result<void> add_tree(const fs::path& folder, const fs::path& home);
  fs::path read_events();

  FileHandle file_;
  std::map<int, Folder> folders_;
};

}  // namespace cupel::flow
