#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flow/run_record.h"
#include "flow/step_key.h"

namespace cupel::flow {

/// Outputs by the key of the step that made them: `<home>/cache/results/<kk>/<key>/{entry.json,out/}`. Files are hard links of those in the runs
/// (copies where the file system has none), so keeping them costs names, and removing a run takes nothing from another.
class StepCache {
 public:
  explicit StepCache(fs::path home) : folder_(home / "cache") {}

  struct Hit {
    std::string run;  ///< that made the outputs
    std::vector<OutputRecord> outputs;
  };
  /// A hit whose outputs were put below `out` and still have their digests there. Anything missing or altered removes the entry and is a
  /// miss; `why_not` says so.
  std::optional<Hit> take(const std::string& key, const fs::path& out, Digester& digester, std::string& why_not) const;
  /// Keeps outputs. Failing to is no error of the run: the step runs again next time.
  void put(const std::string& key, const fs::path& out, const std::string& run, const std::vector<OutputRecord>& outputs) const;

  /// The key and time of the last success of a flow's step: what `explain` compares with, and the basis of the expected time.
  struct Last {
    StepKey key;
    double seconds = 0;
    std::string run;
  };
  std::optional<Last> last(const std::string& flow, const std::string& step) const;
  void remember(const std::string& flow, const std::string& step, const Last& last) const;

  /// Writes the digests that a later run need not take again. Failing to costs time, not truth.
  void remember_tools(const Digester& digester) const;

  /// Removes what processes that died had not finished putting here.
  void clean() const;

  const fs::path& folder() const { return folder_; }

 private:
  void put_file(const fs::path& target, const std::string& text) const;
  fs::path entry(const std::string& key) const { return folder_ / "results" / key.substr(0, 2) / key; }
  fs::path folder_;
};

/// Hard links (or copies) a file or folder.
Result<void> link_tree(const fs::path& from, const fs::path& to);

}  // namespace cupel::flow
