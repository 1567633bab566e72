#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/process.h"
#include "flow/step_path.h"

namespace cupel::flow {

/// Where everything of one run stands: `<home>/runs/<flow>-<n>/`. Holding the object is holding the run: one runner at a time.
///
/// The hold is a lock of the system on `lock`, which ends with its holder, however that dies, and with the keepers of its commands, which hold
/// it until nothing of the command is left. `lease.json` names the holder for people.
class RunFolder {
 public:
  /// A new run, its number one more than any before it under this home.
  static Result<RunFolder> make(const fs::path& home, std::string_view flow_name);
  /// Takes an existing run over. Error: another process holds it (after waiting for its dying keepers).
  static Result<RunFolder> take(const fs::path& folder);

  const fs::path& path() const { return path_; }
  std::string id() const { return path_.filename().string(); }
  int lock() const { return lock_.get(); }
  /// Everything in it is on the disk when this returns (the whole file system is: syncfs).
  Result<void> sync() const;

  fs::path step(std::string_view name) const { return path_ / step_folder(name); }
  fs::path out(std::string_view name) const { return path_ / out_folder(name); }
  fs::path checkpoint(std::string_view name) const { return step(name) / "checkpoint"; }
  fs::path attempt(std::string_view name, int number) const;

 private:
  RunFolder(fs::path path, FileHandle lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  Result<void> write_lease() const;
  fs::path path_;
  FileHandle lock_;
};

/// The runs under a home that have a record, oldest first.
std::vector<fs::path> run_folders(const fs::path& home);
/// A run by id, by its number alone, or `last`. Errors name the nearest.
Result<fs::path> find_run(const fs::path& home, std::string_view word);
/// Whether a runner (or a keeper of a dying one) holds the run now.
bool is_held(const fs::path& run_folder);
/// The attempts that a step's folder holds, in order.
std::vector<int> attempt_numbers(const fs::path& step_folder);
/// Removes a run that nobody holds.
Result<void> remove_run(const fs::path& run_folder);

}  // namespace cupel::flow
