#include "base/keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <type_traits>

#include "base/invariant.h"
#include "base/process_tree.h"
#include "base/time.h"

namespace cupel {
namespace {

/// Processes that the command left behind may end by themselves for so long, then they are killed.
constexpr int k_leftover_ms = 100;

void set_limit(__rlimit_resource_t resource, std::uint64_t value) {
  if (value == 0) return;
  const rlimit limit{value, value};
  ::setrlimit(resource, &limit);
}

/// A task as it crosses the control socket: lengths and bytes.
class Packer {
 public:
  void number(std::uint64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void text(std::string_view value) {
    number(value.size());
    bytes_.append(value);
  }
  void texts(const std::vector<std::string>& values) {
    number(values.size());
    for (const std::string& value : values) text(value);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads what Packer wrote. Both ends are this program, so that sizes are taken at their word.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t number() {
    std::uint64_t value = 0;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string text() { return std::string(take(number())); }
  std::vector<std::string> texts() {
    std::vector<std::string> values(number());
    for (std::string& value : values) value = text();
    return values;
  }

 private:
  std::string_view take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    CHECK(taken.size() == size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view rest_;
};

/// Of the processors that this process may use so many, beginning at one that depends on its number: steps side by side are spread.
void keep_to_processors(std::uint64_t threads) {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  const auto count = static_cast<std::uint64_t>(CPU_COUNT(&allowed));
  if (threads >= count) return;
  const std::uint64_t first = static_cast<std::uint64_t>(::getpid()) * threads % count;
  cpu_set_t chosen;
  CPU_ZERO(&chosen);
  std::uint64_t place = 0;
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (!CPU_ISSET(processor, &allowed)) continue;
    if ((place++ + count - first) % count < threads) CPU_SET(processor, &chosen);
  }
  ::sched_setaffinity(0, sizeof chosen, &chosen);
}

/// Everything that the command's process needs between its birth and its exec: that time it shares its memory with the keeper.
struct Birth {
  const char* program;
  char* const* argv;
  char* const* environment;
  const char* folder;
  ProcessLimits limits;
  int output;
  int errors;
  int* failure;  ///< errno, in memory that a child can tell its parent by
};

/// In the child: becomes the command. System calls only.
[[noreturn]] void become_command(const Birth& birth, pid_t keeper) {
  const auto give_up = [&](int code) {
    *birth.failure = code;
    ::_exit(127);
  };
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != keeper) ::_exit(127);  // the keeper died before the line above
  ::setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int input = ::open("/dev/null", O_RDONLY);
  if (input < 0 || ::dup2(input, 0) < 0 || ::dup2(birth.output, 1) < 0 || ::dup2(birth.errors, 2) < 0) give_up(errno);
  if (*birth.folder != '\0' && ::chdir(birth.folder) != 0) give_up(errno);
  ::syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */);
  set_limit(RLIMIT_DATA, birth.limits.memory_bytes);
  set_limit(RLIMIT_CPU, birth.limits.cpu_seconds);
  set_limit(RLIMIT_FSIZE, birth.limits.file_bytes);
  if (birth.limits.file_bytes != 0) ::signal(SIGXFSZ, SIG_IGN);
  if (birth.limits.threads != 0) keep_to_processors(birth.limits.threads);
  ::execve(birth.program, birth.argv, birth.environment);
  give_up(errno);
  ::_exit(127);
}

/// vfork: a keeper forked from a large runner would copy its page tables for nothing. The keeper stands still until the exec, and
/// its signals are blocked. -1: no process to be had.
__attribute__((noinline)) pid_t give_birth(const Birth& birth) {
  const pid_t self = ::getpid();
  const pid_t child = ::vfork();
  if (child == 0) become_command(birth, self);
  return child;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> all;
  all.reserve(words.size() + 1);
  for (const std::string& word : words) all.push_back(const_cast<char*>(word.c_str()));
  all.push_back(nullptr);
  return all;
}

/// Everything open but the keeper's own ends: copies of other pipes would hide their end from other keepers.
void close_others(const KeeperEnds& ends) {
  std::vector<int> keep_open = {0, 1, 2, ends.control, ends.report};
  keep_open.insert(keep_open.end(), ends.held.begin(), ends.held.end());
  std::sort(keep_open.begin(), keep_open.end());
  unsigned int next = 0;
  for (const int fd : keep_open) {
    if (fd < 0 || static_cast<unsigned int>(fd) < next) continue;
    if (static_cast<unsigned int>(fd) > next) ::syscall(SYS_close_range, next, static_cast<unsigned int>(fd) - 1, 0u);
    next = static_cast<unsigned int>(fd) + 1;
  }
  ::syscall(SYS_close_range, next, ~0u, 0u);
}

constexpr std::size_t k_num_outputs = 2;

/// The first bytes of a task: with them come the outputs. False: the owner is gone.
bool receive_outputs(int control, char& word, int (&outputs)[k_num_outputs]) {
  alignas(cmsghdr) char room[CMSG_SPACE(sizeof outputs)] = {};
  iovec part{&word, 1};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = room;
  message.msg_controllen = sizeof room;
  ssize_t got = 0;
  while ((got = ::recvmsg(control, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (got == 1 && header != nullptr && header->cmsg_type == SCM_RIGHTS) std::memcpy(outputs, CMSG_DATA(header), sizeof outputs);
  return got == 1;
}

bool receive_all(int control, char* to, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::recv(control, to, size, MSG_WAITALL);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

class Keeper {
 public:
  explicit Keeper(const KeeperEnds& ends) : ends_(ends) {}

  /// One command after the other, until the owner is gone.
  [[noreturn]] void live() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ::prctl(PR_SET_NAME, "cupel-keeper");
    for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);  // what the commands begin with; here all are blocked
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    children_ = ::signalfd(-1, &child_ended, SFD_CLOEXEC | SFD_NONBLOCK);
    void* shared = ::mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) ::_exit(1);
    failure_ = static_cast<int*>(shared);
    for (;;) {
      char word = 0;
      int outputs[k_num_outputs] = {-1, -1};
      if (!receive_outputs(ends_.control, word, outputs)) ::_exit(0);
      if (word != k_keeper_start) continue;  // an order to kill what had just ended
      std::uint64_t size = 0;
      if (!receive_all(ends_.control, reinterpret_cast<char*>(&size), sizeof size)) ::_exit(0);
      std::string bytes(size, '\0');
      if (!receive_all(ends_.control, bytes.data(), size)) ::_exit(0);
      Unpacker unpacker(bytes);
      KeeperTask task;
      task.program = unpacker.text();
      task.argv = unpacker.texts();
      task.environment = unpacker.texts();
      task.folder = unpacker.text();
      for (std::uint64_t* limit : {&task.limits.memory_bytes, &task.limits.cpu_seconds, &task.limits.file_bytes, &task.limits.threads}) *limit = unpacker.number();
      run(task, outputs);
    }
  }

 private:
  void run(const KeeperTask& task, const int (&outputs)[k_num_outputs]) {
    outcome_ = {};
    start(task, outputs);
    while (command_running_) watch();
    end_leftovers();
    KeeperWord ended;
    ended.about = KeeperWord::About::ended;
    ended.outcome = outcome_;
    say(ended);
  }

  void say(const KeeperWord& word) {
    static_assert(std::is_trivially_copyable_v<KeeperWord>, "crosses a pipe");
    [[maybe_unused]] const ssize_t sent = ::write(ends_.report, &word, sizeof word);
  }

  void start(const KeeperTask& task, const int (&outputs)[k_num_outputs]) {
    const std::vector<char*> argv = pointers(task.argv);
    const std::vector<char*> environment = pointers(task.environment);
    *failure_ = task.program.empty() ? ENOENT : 0;
    command_ = 0;
    if (*failure_ == 0) {
      command_ = give_birth({task.program.c_str(), argv.data(), environment.data(), task.folder.c_str(), task.limits, outputs[0], outputs[1], failure_});
      if (command_ < 0) *failure_ = errno;
    }
    outcome_.start_error = *failure_;
    for (const int fd : outputs) ::close(fd);
    command_running_ = command_ > 0;
    KeeperWord started;
    started.command = outcome_.start_error == 0 ? command_ : 0;
    say(started);
  }

  /// Waits for one event: a word of the owner, its death, or the end of a child.
  void watch() {
    pollfd watched[] = {{ends_.control, POLLIN, 0}, {children_, POLLIN, 0}};
    ::poll(watched, 2, -1);
    char word = 0;
    if (watched[0].revents != 0) {
      const ssize_t got = ::read(ends_.control, &word, 1);
      if (got == 0) {
        kill_all();
        ::_exit(0);  // nobody is left to report to
      }
      if (got == 1 && word == k_keeper_kill) kill_all();
    }
    forget_signals();
    reap();
  }

  void forget_signals() {
    signalfd_siginfo spent;
    while (::read(children_, &spent, sizeof spent) > 0) {
    }
  }

  /// Takes every ended child. False: no child is left at all.
  bool reap() {
    for (;;) {
      int status = 0;
      rusage usage{};
      const pid_t pid = ::wait4(-1, &status, WNOHANG, &usage);
      if (pid == 0) return true;
      if (pid < 0 && errno == EINTR) continue;
      if (pid < 0) {
        command_running_ = false;
        return false;
      }
      add_usage(usage);
      if (pid != command_) continue;
      command_running_ = false;
      if (outcome_.start_error != 0) continue;
      if (WIFEXITED(status)) outcome_.exit_status = WEXITSTATUS(status);
      if (WIFSIGNALED(status)) outcome_.signal = WTERMSIG(status);
    }
  }

  void add_usage(const rusage& usage) {
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
    outcome_.user_seconds += seconds(usage.ru_utime);
    outcome_.system_seconds += seconds(usage.ru_stime);
    outcome_.peak_memory_bytes = std::max(outcome_.peak_memory_bytes, static_cast<std::uint64_t>(usage.ru_maxrss) * 1024);
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

  void end_leftovers() {
    const Stopwatch watch_time;
    while (reap()) {
      const int left = k_leftover_ms - static_cast<int>(watch_time.seconds() * 1000);
      if (left <= 0) {
        outcome_.leftovers = kill_all();
        return;
      }
      pollfd watched[] = {{ends_.control, POLLIN, 0}, {children_, POLLIN, 0}};
      ::poll(watched, 2, left);
      if (watched[0].revents != 0) {  // told to kill, or alone: the next read of the socket shows which
        kill_all();
        return;
      }
      forget_signals();
    }
  }

  const KeeperEnds& ends_;
  int children_ = -1;       ///< readable when one has ended
  int* failure_ = nullptr;  ///< shared with the command's process until its exec
  pid_t command_ = 0;
  bool command_running_ = false;
  ProcessOutcome outcome_;
};

/// The parent of a keeper: where that is killed together with the owner, its orphans fall to this process, which kills them. It holds
/// what is held until the last one is gone.
[[noreturn]] void guard(const KeeperEnds& ends, pid_t keeper) {
  ::prctl(PR_SET_NAME, "cupel-guard");
  for (const int fd : {ends.control, ends.report}) ::close(fd);  // their ends are the keeper's to show
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

bool send_task(int control, const KeeperTask& task, int output, int errors) {
  Packer packer;
  packer.text(task.program);
  packer.texts(task.argv);
  packer.texts(task.environment);
  packer.text(task.folder);
  for (const std::uint64_t limit : {task.limits.memory_bytes, task.limits.cpu_seconds, task.limits.file_bytes, task.limits.threads}) packer.number(limit);
  const std::uint64_t size = packer.bytes().size();
  std::string bytes(1, k_keeper_start);
  bytes.append(reinterpret_cast<const char*>(&size), sizeof size).append(packer.bytes());

  const int outputs[k_num_outputs] = {output, errors};
  alignas(cmsghdr) char room[CMSG_SPACE(sizeof outputs)] = {};
  msghdr message{};
  message.msg_iovlen = 1;
  message.msg_control = room;
  message.msg_controllen = sizeof room;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof outputs);
  std::memcpy(CMSG_DATA(header), outputs, sizeof outputs);
  std::string_view rest = bytes;
  while (!rest.empty()) {
    iovec part{const_cast<char*>(rest.data()), rest.size()};
    message.msg_iov = &part;
    const ssize_t sent = ::sendmsg(control, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(sent));
    message.msg_control = nullptr;  // the outputs went with the first bytes
    message.msg_controllen = 0;
  }
  return true;
}

void keep(const KeeperEnds& ends) {
  ::setpgid(0, 0);  // the terminal's Ctrl-C is the owner's business
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  close_others(ends);
  sigset_t blocked;
  sigfillset(&blocked);
  ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
  const pid_t keeper = ::fork();
  if (keeper > 0) guard(ends, keeper);
  Keeper(ends).live();  // also where there can be no second process
}

}  // namespace cupel
