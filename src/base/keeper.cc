#include "base/keeper.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <type_traits>
#include <unordered_map>

#include "base/text.h"
#include "base/time.h"

namespace cupel {
namespace {

static_assert(std::is_trivially_copyable_v<KeeperEnded>, "crosses a pipe");

/// Processes that the command left behind may end by themselves for so long, then they are killed.
constexpr int k_leftover_ms = 100;

struct ProcessStat {
  pid_t parent = 0;
  char state = '?';
  std::uint64_t start_ticks = 0;
};

/// The needed fields of /proc/PID/stat (proc(5): state is field 3, ppid 4, starttime 22); nothing when the process is gone.
std::optional<ProcessStat> read_stat(const std::string& pid) {
  const auto text = read_file("/proc/" + pid + "/stat");
  if (!text) return std::nullopt;
  const std::size_t name_end = text->rfind(')');  // the name may hold spaces and parentheses
  if (name_end == std::string::npos || name_end + 2 >= text->size()) return std::nullopt;
  const auto fields = split(std::string_view(*text).substr(name_end + 2), ' ');
  if (fields.size() < 20) return std::nullopt;
  ProcessStat stat;
  stat.state = fields[0].empty() ? '?' : fields[0][0];
  stat.parent = static_cast<pid_t>(parse_integer(fields[1]).value_or(0));
  stat.start_ticks = static_cast<std::uint64_t>(parse_integer(fields[19]).value_or(0));
  return stat;
}

/// Every living descendant of `root`.
std::vector<pid_t> descendants(pid_t root) {
  std::unordered_multimap<pid_t, pid_t> children;
  DIR* proc = ::opendir("/proc");
  if (proc == nullptr) return {};
  while (const dirent* entry = ::readdir(proc)) {
    const auto pid = parse_integer(entry->d_name);
    if (!pid) continue;
    if (const auto stat = read_stat(entry->d_name); stat && stat->state != 'Z') children.emplace(stat->parent, static_cast<pid_t>(*pid));
  }
  ::closedir(proc);
  std::vector<pid_t> found{root};
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto [first, last] = children.equal_range(found[i]);
    for (auto it = first; it != last; ++it) found.push_back(it->second);
  }
  found.erase(found.begin());
  return found;
}

std::string current_boot() {
  const auto text = read_file("/proc/sys/kernel/random/boot_id");
  return text ? std::string(trim(*text)) : std::string("unknown");
}

void set_limit(__rlimit_resource_t resource, std::uint64_t value) {
  if (value == 0) return;
  const rlimit limit{value, value};
  ::setrlimit(resource, &limit);
}

/// In the child: becomes the command; on failure writes errno to the pipe.
[[noreturn]] void become_command(const KeeperTask& task, pid_t keeper, int errno_pipe) {
  const auto give_up = [&](int code) {
    [[maybe_unused]] const ssize_t sent = ::write(errno_pipe, &code, sizeof code);
    ::_exit(127);
  };
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != keeper) ::_exit(127);  // the keeper died before the line above
  ::setpgid(0, 0);
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (task.program.empty()) give_up(ENOENT);
  const int input = ::open("/dev/null", O_RDONLY);
  if (input < 0 || ::dup2(input, 0) < 0 || ::dup2(task.output, 1) < 0 || ::dup2(task.errors, 2) < 0) give_up(errno);
  if (!task.folder.empty() && ::chdir(task.folder.c_str()) != 0) give_up(errno);
  ::syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC: the errno pipe must live until exec */);
  set_limit(RLIMIT_DATA, task.limits.memory_bytes);
  set_limit(RLIMIT_CPU, task.limits.cpu_seconds);
  set_limit(RLIMIT_FSIZE, task.limits.file_bytes);
  if (task.limits.file_bytes != 0) ::signal(SIGXFSZ, SIG_IGN);
  std::vector<char*> argv;
  std::vector<char*> environment;
  for (const std::string& word : task.argv) argv.push_back(const_cast<char*>(word.c_str()));
  for (const std::string& entry : task.environment) environment.push_back(const_cast<char*>(entry.c_str()));
  argv.push_back(nullptr);
  environment.push_back(nullptr);
  ::execve(task.program.c_str(), argv.data(), environment.data());
  give_up(errno);
  ::_exit(127);
}

/// Everything open but the keeper's own ends: copies of other pipes would hide their end from other keepers.
void close_others(const KeeperTask& task) {
  std::vector<int> keep_open = {0, 1, 2, task.control, task.report, task.output, task.errors};
  keep_open.insert(keep_open.end(), task.held.begin(), task.held.end());
  std::sort(keep_open.begin(), keep_open.end());
  unsigned int next = 0;
  for (const int fd : keep_open) {
    if (fd < 0 || static_cast<unsigned int>(fd) < next) continue;
    if (static_cast<unsigned int>(fd) > next) ::syscall(SYS_close_range, next, static_cast<unsigned int>(fd) - 1, 0u);
    next = static_cast<unsigned int>(fd) + 1;
  }
  ::syscall(SYS_close_range, next, ~0u, 0u);
}

class Keeper {
 public:
  explicit Keeper(const KeeperTask& task) : task_(task) {}

  [[noreturn]] void live() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ::prctl(PR_SET_NAME, "cupel-keeper");
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    const int children = ::signalfd(-1, &child_ended, SFD_CLOEXEC | SFD_NONBLOCK);
    start();
    while (command_running_) watch(children);
    end_leftovers(children);
    rusage usage{};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
    outcome_.user_seconds = seconds(usage.ru_utime);
    outcome_.system_seconds = seconds(usage.ru_stime);
    outcome_.peak_memory_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
    const KeeperEnded ended{outcome_};
    [[maybe_unused]] const ssize_t sent = ::write(task_.report, &ended, sizeof ended);
    ::_exit(0);
  }

 private:
  void start() {
    int ends[2] = {-1, -1};
    const pid_t self = ::getpid();
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      outcome_.start_error = errno;
    } else {
      command_ = ::fork();
      if (command_ == 0) become_command(task_, self, ends[1]);
      if (command_ < 0) outcome_.start_error = errno;
      ::close(ends[1]);
      int code = 0;
      while (command_ > 0) {
        const ssize_t got = ::read(ends[0], &code, sizeof code);
        if (got < 0 && errno == EINTR) continue;
        if (got == static_cast<ssize_t>(sizeof code)) outcome_.start_error = code;
        break;
      }
      ::close(ends[0]);
    }
    ::close(task_.output);
    ::close(task_.errors);
    command_running_ = command_ > 0;
    const KeeperStarted started{outcome_.start_error == 0 ? command_ : 0};
    [[maybe_unused]] const ssize_t sent = ::write(task_.report, &started, sizeof started);
  }

  /// Waits for one event: a word of the owner, its death, or the end of a child.
  void watch(int children) {
    pollfd watched[] = {{task_.control, POLLIN, 0}, {children, POLLIN, 0}};
    ::poll(watched, 2, -1);
    char word = 0;
    if (watched[0].revents != 0) {
      const ssize_t got = ::read(task_.control, &word, 1);
      if (got == 0) {
        kill_all();
        ::_exit(0);  // nobody is left to report to
      }
      if (got == 1 && word == k_keeper_kill) kill_all();
    }
    signalfd_siginfo spent;
    while (::read(children, &spent, sizeof spent) > 0) {
    }
    reap();
  }

  /// Takes every ended child. False: no child is left at all.
  bool reap() {
    for (;;) {
      int status = 0;
      const pid_t pid = ::waitpid(-1, &status, WNOHANG);
      if (pid == 0) return true;
      if (pid < 0 && errno == EINTR) continue;
      if (pid < 0) {
        command_running_ = false;
        return false;
      }
      if (pid != command_) continue;
      command_running_ = false;
      if (outcome_.start_error != 0) continue;
      if (WIFEXITED(status)) outcome_.exit_status = WEXITSTATUS(status);
      if (WIFSIGNALED(status)) outcome_.signal = WTERMSIG(status);
    }
  }

  /// Until nothing is left: processes may fork between the look and the kill. Returns how many were seen first.
  int kill_all() {
    int first = -1;
    for (;;) {
      const std::vector<pid_t> alive = descendants(::getpid());
      if (first < 0) first = static_cast<int>(alive.size());
      for (const pid_t pid : alive) ::kill(pid, SIGKILL);
      if (!reap()) return first;
      ::usleep(500);
    }
  }

  void end_leftovers(int children) {
    const Stopwatch watch_time;
    while (reap()) {
      const int left = k_leftover_ms - static_cast<int>(watch_time.seconds() * 1000);
      if (left <= 0) {
        outcome_.leftovers = kill_all();
        return;
      }
      pollfd watched[] = {{task_.control, POLLIN, 0}, {children, POLLIN, 0}};
      ::poll(watched, 2, left);
      if (watched[0].revents != 0) {
        kill_all();
        return;
      }
      signalfd_siginfo spent;
      while (::read(children, &spent, sizeof spent) > 0) {
      }
    }
  }

  const KeeperTask& task_;
  pid_t command_ = 0;
  bool command_running_ = false;
  ProcessOutcome outcome_;
};

}  // namespace

namespace {

/// The parent of a keeper: where that is killed together with the owner, its orphans fall to this process, which kills them. It holds
/// what is held until the last one is gone.
[[noreturn]] void guard(const KeeperTask& task, pid_t keeper) {
  ::prctl(PR_SET_NAME, "cupel-guard");
  for (const int fd : {task.control, task.report, task.output, task.errors}) ::close(fd);  // their ends are the keeper's to show
  while (::waitpid(keeper, nullptr, 0) < 0 && errno == EINTR) {
  }
  for (;;) {
    pid_t gone = 0;
    while ((gone = ::waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    if (gone < 0 && errno == ECHILD) ::_exit(0);
    for (const pid_t pid : descendants(::getpid())) ::kill(pid, SIGKILL);
    ::usleep(500);
  }
}

}  // namespace

void keep(const KeeperTask& task) {
  ::setpgid(0, 0);  // the terminal's Ctrl-C is the owner's business
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  close_others(task);
  sigset_t blocked;
  sigfillset(&blocked);
  ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
  const pid_t keeper = ::fork();
  if (keeper > 0) guard(task, keeper);
  Keeper(task).live();  // also where there can be no second process
}

int kill_unknown_children(const std::vector<pid_t>& known) {
  int killed = 0;
  const pid_t self = ::getpid();
  for (const pid_t pid : descendants(self)) {
    const auto stat = read_stat(std::to_string(pid));
    if (!stat || stat->parent != self || std::find(known.begin(), known.end(), pid) != known.end()) continue;
    std::vector<pid_t> tree = descendants(pid);
    tree.insert(tree.begin(), pid);
    for (const pid_t member : tree) killed += ::kill(member, SIGKILL) == 0;
    for (const pid_t member : tree) {  // with their parent gone they are this process's children
      while (::waitpid(member, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
  }
  return killed;
}

ProcessIdentity ProcessIdentity::self() {
  const auto stat = read_stat("self");
  return {::getpid(), stat ? stat->start_ticks : 0, current_boot()};
}

bool ProcessIdentity::alive() const {
  if (pid <= 0 || boot_id != current_boot()) return false;
  const auto stat = read_stat(std::to_string(pid));
  return stat && stat->state != 'Z' && stat->start_ticks == start_ticks;
}

}  // namespace cupel
