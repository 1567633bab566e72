#include "flow/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

namespace cupel::flow {
namespace {

/// A dead runner's keepers kill what it had started and then let go; this takes milliseconds.
constexpr double k_patience_seconds = 10;

std::optional<std::int64_t> number_of(std::string_view id) {
  const std::size_t dash = id.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto number = parse_integer(id.substr(dash + 1));
  return number && *number > 0 ? number : std::nullopt;
}

Result<FileHandle> open_lock(const fs::path& path) {
  FileHandle file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!file.is_open()) return system_error("open", path);
  return file;
}

bool try_lock(const FileHandle& file, int how) { return ::flock(file.get(), how | LOCK_NB) == 0; }

std::optional<ProcessIdentity> read_lease(const fs::path& run_folder) {
  const auto json = read_json(run_folder / "lease.json");
  if (!json || !json->is_object()) return std::nullopt;
  const auto pid = json_number(*json, "pid", "lease");
  const auto ticks = json_number(*json, "start_ticks", "lease");
  const auto boot = json_string(*json, "boot_id", "lease");
  if (!pid || !ticks || !boot) return std::nullopt;
  return ProcessIdentity{static_cast<pid_t>(*pid), static_cast<std::uint64_t>(*ticks), *boot};
}

}  // namespace

fs::path RunFolder::attempt(std::string_view name, int number) const { return step(name) / fmt::format("attempt-{}", number); }

Result<void> RunFolder::sync() const {
  const FileHandle folder(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() || ::syncfs(folder.get()) != 0) return system_error("sync", path_);
  return {};
}

Result<void> RunFolder::write_lease() const {
  const ProcessIdentity self = ProcessIdentity::self();
  const Json lease = {{"pid", self.pid}, {"start_ticks", self.start_ticks}, {"boot_id", self.boot_id}, {"since", utc_now()}};
  return write_file(path_ / "lease.json", json_text(lease));  // says nothing after a crash of the machine
}

namespace {

/// `run.json.a1B2c3`, which a killed writer left beside its target.
bool is_torn_write(const std::string& name) {
  constexpr std::size_t k_suffix = 7;  // of mkstemp, with the dot
  if (name.size() <= k_suffix || name[name.size() - k_suffix] != '.') return false;
  const std::string_view target = std::string_view(name).substr(0, name.size() - k_suffix);
  return target.ends_with(".json") || target == ".last-number";
}

void remove_torn_writes(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (is_torn_write(entry.path().filename().string())) fs::remove(entry.path(), error);
  }
}

/// Runs that were killed before their first record: nothing ever ran in them. The caller holds the numbering, so none is just being made.
void remove_unborn(const fs::path& runs) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(runs, error)) {
    const fs::path& folder = entry.path();
    if (!number_of(folder.filename().string()) || fs::exists(folder / "run.json", error) || is_held(folder)) continue;
    fs::remove_all(folder, error);
  }
}

}  // namespace

Result<RunFolder> RunFolder::make(const fs::path& home, std::string_view flow_name) {
  const fs::path runs = home / "runs";
  std::error_code error;
  fs::create_directories(runs, error);
  if (error) return fail(ErrorKind::io, "cannot make folder '{}': {}", runs.string(), error.message());
  // Numbers are given one at a time, and one that was given stays given after its run was removed.
  ASSIGN_OR_RETURN(const FileHandle numbering, open_lock(runs / ".numbering"));
  while (::flock(numbering.get(), LOCK_EX) != 0 && errno == EINTR) {
  }
  std::int64_t number = 0;
  if (const auto last = read_file(runs / ".last-number")) number = parse_integer(trim(*last)).value_or(0);
  for (const fs::path& folder : run_folders(home)) number = std::max(number, number_of(folder.filename().string()).value_or(0));
  ++number;
  remove_torn_writes(runs);
  remove_unborn(runs);
  const fs::path path = runs / fmt::format("{}-{}", flow_name, number);
  TRY(write_file(runs / ".last-number", std::to_string(number) + "\n", Durable::yes));
  if (::mkdir(path.c_str(), 0755) != 0) return system_error("make folder", path);
  ASSIGN_OR_RETURN(FileHandle lock, open_lock(path / "lock"));
  if (!try_lock(lock, LOCK_EX)) return fail(ErrorKind::io, "cannot lock '{}'", path.string());
  RunFolder run(path, std::move(lock));
  fs::create_directories(path / "steps", error);
  if (error) return fail(ErrorKind::io, "cannot make folder '{}': {}", (path / "steps").string(), error.message());
  TRY(run.write_lease());
  return run;
}

Result<RunFolder> RunFolder::take(const fs::path& folder) {
  ASSIGN_OR_RETURN(FileHandle lock, open_lock(folder / "lock"));
  const Stopwatch watch;
  while (!try_lock(lock, LOCK_EX)) {
    const auto holder = read_lease(folder);
    if (holder && holder->alive()) return fail("run '{}' is being run by process {}", folder.filename().string(), holder->pid);
    if (watch.seconds() > k_patience_seconds) return fail("run '{}' is still held by what an earlier runner left behind", folder.filename().string());
    ::usleep(5000);
  }
  RunFolder run(folder, std::move(lock));
  remove_torn_writes(folder);
  TRY(run.write_lease());
  return run;
}

std::vector<fs::path> run_folders(const fs::path& home) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(home / "runs", error)) {
    if (number_of(entry.path().filename().string()) && fs::exists(entry.path() / "run.json", error)) folders.push_back(entry.path());
  }
  const auto number = [](const fs::path& folder) { return *number_of(folder.filename().string()); };
  std::sort(folders.begin(), folders.end(), [&](const fs::path& a, const fs::path& b) { return number(a) < number(b); });
  return folders;
}

Result<fs::path> find_run(const fs::path& home, std::string_view word) {
  const std::vector<fs::path> folders = run_folders(home);
  if (folders.empty()) return fail_with_hint(fmt::format("there are no runs in '{}'", (home / "runs").string()), "cupel run FLOW makes one", ErrorKind::not_found);
  if (word == "last") return folders.back();
  std::vector<std::string> ids;
  for (const fs::path& folder : folders) {
    ids.push_back(folder.filename().string());
    if (ids.back() == word || std::to_string(*number_of(ids.back())) == word) return folder;
  }
  return fail(ErrorKind::not_found, "there is no run '{}'{}", shorten(word, 60), nearest_note(word, ids));
}

bool is_held(const fs::path& run_folder) {
  const FileHandle lock(::open((run_folder / "lock").c_str(), O_RDONLY | O_CLOEXEC));
  return lock.is_open() && !try_lock(lock, LOCK_SH);
}

std::vector<int> attempt_numbers(const fs::path& step_folder) {
  std::vector<int> numbers;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(step_folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("attempt-")) continue;
    if (const auto number = parse_integer(std::string_view(name).substr(8)); number && *number > 0) numbers.push_back(static_cast<int>(*number));
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Result<void> remove_run(const fs::path& run_folder) {
  if (is_held(run_folder)) return fail("run '{}' is running, stop it first", run_folder.filename().string());
  std::error_code error;
  // Out of the list at once, then away: a kill in between leaves a dotted folder that no command lists.
  const fs::path doomed = run_folder.parent_path() / ("." + run_folder.filename().string() + ".removed");
  TRY(rename_durably(run_folder, doomed));
  fs::remove_all(doomed, error);
  if (error) return fail(ErrorKind::io, "cannot remove '{}': {}", doomed.string(), error.message());
  return {};
}

}  // namespace cupel::flow
