#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_handle.h"
#include "base/files.h"
#include "base/result.h"

namespace cupel {

/// Limits of the command and of each process that it starts; 0: none. By rlimit: `memory_bytes` is RLIMIT_DATA (heap and private
/// mappings), `cpu_seconds` RLIMIT_CPU, `file_bytes` RLIMIT_FSIZE with SIGXFSZ ignored, so that the write fails with EFBIG.
struct ProcessLimits {
  std::uint64_t memory_bytes = 0;
  std::uint64_t cpu_seconds = 0;
  std::uint64_t file_bytes = 0;
  /// Processors that the command and all that it starts may use (sched_setaffinity), so that any number of threads does no more work at a time.
  std::uint64_t threads = 0;
};

struct ProcessSpec {
  std::vector<std::string> argv;         ///< argv[0] without a slash is searched in the PATH of `environment`
  std::vector<std::string> environment;  ///< NAME=value, nothing is inherited
  fs::path folder;                       ///< working folder; empty: this one
  ProcessLimits limits;
  /// Descriptors that the keeper (not the command) holds open until the whole tree is gone: a lock file. Keepers have their own.
  std::vector<int> held;
};

/// How a process tree ended. Exactly one of `start_error`, `exit_status` >= 0, `signal` > 0 or `keeper_lost` says so.
struct ProcessOutcome {
  int start_error = 0;    ///< errno of the exec or of entering the folder; the command never ran
  int exit_status = -1;   ///< 0..255
  int signal = 0;         ///< that killed the command
  bool keeper_lost = false;  ///< the keeper itself was killed; the tree was killed with it
  int leftovers = 0;      ///< processes that the command had left running and that were killed
  double user_seconds = 0;    ///< of the whole tree
  double system_seconds = 0;  ///< of the whole tree
  std::uint64_t peak_memory_bytes = 0;  ///< largest resident set of one process of the tree
};

/// This process's end of a keeper, and of the guard that is its parent.
struct KeeperLink {
  pid_t guard = 0;
  FileHandle control;
  FileHandle report;
};

/// Keepers that have nothing to do and take the next command: a command then costs one process, its own.
class Keepers {
 public:
  /// `held` as in ProcessSpec, until the object is gone and all that ran under its keepers.
  explicit Keepers(std::vector<int> held = {}) : held_(std::move(held)) {}
  Keepers(const Keepers&) = delete;
  Keepers& operator=(const Keepers&) = delete;
  /// Ends the idle ones and waits until they are gone. Their processes must have ended before.
  ~Keepers();
  /// The guards of the idle ones.
  std::vector<pid_t> idle() const;

 private:
  friend class Process;
  std::vector<int> held_;
  std::vector<KeeperLink> idle_;
};

/// A command and everything it starts, under a *keeper*: a small process between this one and the command that adopts whatever the
/// command leaves behind (PR_SET_CHILD_SUBREAPER) and kills the whole tree when told so, when the command ends, or when this process
/// dies, by whatever signal. So there are no orphans, daemons of their own session included. If the keeper itself is killed, the command
/// dies with it (PR_SET_PDEATHSIG) and its orphans fall to the keeper's own parent, the *guard*, which kills them; so they do when this process
/// is killed together with the keeper. Where guard and keeper are, they fall to this process, when it called `adopt_orphans`.
/// The command gets its own process group, /dev/null as standard input and pipes for its two outputs, which the caller reads.
/// Not thread-safe; start and destroy on one thread.
class Process {
 public:
  /// The command runs soon, or fails to (see ProcessOutcome::start_error). Error: no pipes or processes to be had.
  static Result<Process> start(const ProcessSpec& spec);
  /// The same under an idle keeper, if there is one; afterwards it is idle again. `keepers` must outlive the process.
  static Result<Process> start(const ProcessSpec& spec, Keepers& keepers);
  Process(Process&&) noexcept = default;
  Process& operator=(Process&&) noexcept = default;
  /// Kills the tree if it still runs, and waits for its end.
  ~Process();

  int output() const { return output_.get(); }  ///< non-blocking read end of the command's standard output
  int errors() const { return errors_.get(); }  ///< the same of its standard error
  int report() const { return link_.report.get(); }  ///< readable when `outcome` has news
  pid_t pid();                                  ///< also its process group; waits until it runs; 0 if it never does
  pid_t keeper() const { return link_.guard; }  ///< the guard: child of this process, parent of the keeper, leader of their process group

  void signal_group(int signal);  ///< to the command's process group
  void kill_tree();               ///< SIGKILL to every process of the tree

  /// The outcome once the whole tree is gone, else nothing. Does not block. Outputs may hold bytes to read still.
  std::optional<ProcessOutcome> outcome();
  /// Blocks until the outcome is there; the pipes must be drained by somebody.
  ProcessOutcome wait();

 private:
  Process() = default;
  static Result<Process> start_under(const ProcessSpec& spec, Keepers* keepers);
  enum class Wait { no, yes };
  bool hear(Wait wait);
  void conclude(const ProcessOutcome& outcome, bool keeper_lives);

  Keepers* keepers_ = nullptr;
  KeeperLink link_;
  bool started_ = false;  ///< or never will be
  pid_t command_ = 0;
  FileHandle output_;
  FileHandle errors_;
  std::optional<ProcessOutcome> outcome_;
};

/// This process becomes the parent of orphaned descendants; call once, before the first `Process::start`.
void adopt_orphans();
/// Kills every child of this process, with its whole tree, that is not in `known`. Returns how many processes.
int kill_unknown_children(const std::vector<pid_t>& known);

/// Runs to the end and collects the output (each stream at most `limit_bytes`, the rest is dropped). For helper commands. Where the caller has
/// blocked SIGINT, SIGTERM or SIGHUP and one of them is pending, the command is killed and `stopped` says so.
struct CapturedRun {
  ProcessOutcome outcome;
  bool stopped = false;
  std::string output;
  std::string errors;
};
Result<CapturedRun> run_captured(const ProcessSpec& spec, double timeout_seconds, std::size_t limit_bytes = 1u << 20);

/// This process's environment as NAME=value.
std::vector<std::string> current_environment();
/// Replaces or adds one variable.
void set_variable(std::vector<std::string>& environment, std::string_view name, std::string_view value);
/// Full path of a program by the PATH of `environment`; a word with a slash is taken as it is. Nothing: not there or not executable.
std::optional<fs::path> find_program(std::string_view word, const std::vector<std::string>& environment);

/// What identifies a process beyond the reuse of its number: start time in clock ticks since boot, and the boot.
struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;
  std::string boot_id;

  static ProcessIdentity self();
  /// Whether that very process still exists on this machine (a zombie does not count).
  bool alive() const;
};

}  // namespace cupel
