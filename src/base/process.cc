#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "base/keeper.h"
#include "base/time.h"

namespace cupel {
namespace {

struct Pipe {
  FileHandle read;
  FileHandle write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("make", "a pipe");
  return Pipe{FileHandle(ends[0]), FileHandle(ends[1])};
}

/// Like a pipe, but a word to a keeper that has just ended is no SIGPIPE.
Result<Pipe> make_control() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return system_error("make", "a pipe");
  return Pipe{FileHandle(ends[0]), FileHandle(ends[1])};
}

/// Appends what is there, up to a limit; false at the end of the stream.
bool drain(int fd, std::string& text, std::size_t limit_bytes) {
  char buffer[1 << 14];
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    const std::size_t room = limit_bytes - std::min(limit_bytes, text.size());
    text.append(buffer, std::min(room, static_cast<std::size_t>(got)));
  }
}

/// How often a blocked signal is looked for while a helper command runs.
constexpr double k_look_seconds = 0.2;

bool stop_is_pending() {
  sigset_t pending;
  return ::sigpending(&pending) == 0 &&
         (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGHUP) == 1);
}

}  // namespace

namespace {

void wait_for_guard(pid_t guard) {
  while (guard > 0 && ::waitpid(guard, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Result<KeeperLink> new_keeper(const std::vector<int>& held) {
  ASSIGN_OR_RETURN(Pipe control, make_control());
  ASSIGN_OR_RETURN(Pipe report, make_pipe());
  const KeeperEnds ends{control.read.get(), report.write.get(), held};
  const pid_t guard = ::fork();
  if (guard < 0) return system_error("start", "a process");
  if (guard == 0) keep(ends);  // never returns
  ::fcntl(report.read.get(), F_SETFL, O_NONBLOCK);
  return KeeperLink{guard, std::move(control.write), std::move(report.read)};
}

}  // namespace

Keepers::~Keepers() {
  for (KeeperLink& link : idle_) link.control.close();
  for (const KeeperLink& link : idle_) wait_for_guard(link.guard);
}

std::vector<pid_t> Keepers::idle() const {
  std::vector<pid_t> guards;
  for (const KeeperLink& link : idle_) guards.push_back(link.guard);
  return guards;
}

Result<Process> Process::start(const ProcessSpec& spec) { return start_under(spec, nullptr); }
Result<Process> Process::start(const ProcessSpec& spec, Keepers& keepers) { return start_under(spec, &keepers); }

Result<Process> Process::start_under(const ProcessSpec& spec, Keepers* keepers) {
  KeeperTask task;
  const auto program = spec.argv.empty() ? std::nullopt : find_program(spec.argv[0], spec.environment);
  task.program = program ? program->string() : std::string();
  task.argv = spec.argv;
  task.environment = spec.environment;
  task.folder = spec.folder.string();
  task.limits = spec.limits;
  for (;;) {
    ASSIGN_OR_RETURN(Pipe output, make_pipe());
    ASSIGN_OR_RETURN(Pipe errors, make_pipe());
    Process process;
    process.keepers_ = keepers;
    const bool used = keepers != nullptr && !keepers->idle_.empty();
    if (used) {
      process.link_ = std::move(keepers->idle_.back());
      keepers->idle_.pop_back();
    } else {
      ASSIGN_OR_RETURN(process.link_, new_keeper(keepers != nullptr ? keepers->held_ : spec.held));
    }
    process.output_ = std::move(output.read);
    process.errors_ = std::move(errors.read);
    for (const int fd : {process.output_.get(), process.errors_.get()}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
    // A guard that was killed while its keeper was idle is no guard: that pair is let go.
    const bool guarded = !used || ::waitpid(process.link_.guard, nullptr, WNOHANG) == 0;
    if (!guarded) process.link_.guard = 0;
    if (guarded && (send_task(process.link_.control.get(), task, output.write.get(), errors.write.get()) || !used)) return process;
    ProcessOutcome never;
    never.keeper_lost = true;
    process.conclude(never, false);
  }
}

/// Takes the keeper's next word. False: there is none yet.
bool Process::hear(Wait wait) {
  KeeperWord word;
  for (;;) {
    const ssize_t got = ::read(link_.report.get(), &word, sizeof word);
    if (got == static_cast<ssize_t>(sizeof word)) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) {
      if (wait == Wait::no) return false;
      pollfd watched{link_.report.get(), POLLIN, 0};
      ::poll(&watched, 1, -1);
      continue;
    }
    ProcessOutcome lost;
    lost.keeper_lost = true;
    conclude(lost, false);
    return true;
  }
  started_ = true;
  if (word.about == KeeperWord::About::started) {
    command_ = word.command;
  } else {
    conclude(word.outcome, true);
  }
  return true;
}

void Process::conclude(const ProcessOutcome& outcome, bool keeper_lives) {
  outcome_ = outcome;
  started_ = true;
  if (keeper_lives && keepers_ != nullptr) {
    keepers_->idle_.push_back(std::move(link_));
    return;
  }
  link_.control.close();
  wait_for_guard(link_.guard);
}

pid_t Process::pid() {
  while (!started_) hear(Wait::yes);
  return command_;
}

void Process::signal_group(int signal) {
  const pid_t command = pid();
  if (command > 0 && !outcome_) ::kill(-command, signal);
}

void Process::kill_tree() {
  if (outcome_ || !link_.control.is_open()) return;
  ::kill(-link_.guard, SIGCONT);  // somebody may have stopped it, and it would stay deaf
  const char word = k_keeper_kill;
  [[maybe_unused]] const ssize_t sent =
      ::send(link_.control.get(), &word, 1, MSG_NOSIGNAL);  // fails only when the keeper is gone, and the tree with it
}

std::optional<ProcessOutcome> Process::outcome() {
  while (!outcome_ && link_.report.is_open() && hear(Wait::no)) {
  }
  return outcome_;
}

ProcessOutcome Process::wait() {
  while (!outcome_) hear(Wait::yes);
  return *outcome_;
}

Process::~Process() {
  if (!link_.report.is_open() || outcome_) return;
  output_.close();
  errors_.close();
  kill_tree();
  wait();
}

Result<CapturedRun> run_captured(const ProcessSpec& spec, double timeout_seconds, std::size_t limit_bytes) {
  ASSIGN_OR_RETURN(Process process, Process::start(spec));
  CapturedRun run;
  const Stopwatch watch;
  bool output_open = true;
  bool errors_open = true;
  for (;;) {
    pollfd watched[] = {
        {output_open ? process.output() : -1, POLLIN, 0}, {errors_open ? process.errors() : -1, POLLIN, 0}, {process.report(), POLLIN, 0}};
    const double left = timeout_seconds - watch.seconds();
    run.stopped = run.stopped || stop_is_pending();
    if (left <= 0 || run.stopped) process.kill_tree();
    ::poll(watched, 3, static_cast<int>(std::clamp(left, 0.02, k_look_seconds) * 1000));
    output_open = output_open && drain(process.output(), run.output, limit_bytes);
    errors_open = errors_open && drain(process.errors(), run.errors, limit_bytes);
    if (auto ended = process.outcome()) {
      if (output_open) drain(process.output(), run.output, limit_bytes);
      if (errors_open) drain(process.errors(), run.errors, limit_bytes);
      run.outcome = *ended;
      return run;
    }
  }
}

void adopt_orphans() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }

std::vector<std::string> current_environment() {
  std::vector<std::string> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) all.emplace_back(*entry);
  return all;
}

void set_variable(std::vector<std::string>& environment, std::string_view name, std::string_view value) {
  const std::string prefix = std::string(name) + "=";
  for (std::string& entry : environment) {
    if (!entry.starts_with(prefix)) continue;
    entry = prefix + std::string(value);
    return;
  }
  environment.push_back(prefix + std::string(value));
}

std::optional<fs::path> find_program(std::string_view word, const std::vector<std::string>& environment) {
  const auto usable = [](const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
  };
  if (word.empty()) return std::nullopt;
  if (word.find('/') != std::string_view::npos) return fs::path(word);
  std::string_view folders = "/usr/local/bin:/usr/bin:/bin";
  for (const std::string& entry : environment) {
    if (entry.starts_with("PATH=")) folders = std::string_view(entry).substr(5);
  }
  while (!folders.empty()) {
    const std::size_t end = std::min(folders.find(':'), folders.size());
    const fs::path candidate = fs::path(folders.substr(0, end)) / word;
    if (end > 0 && usable(candidate)) return candidate;
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return std::nullopt;
}

}  // namespace cupel
