#include "base/process_tree.h"

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>
#include <unordered_map>

#include "base/text.h"

namespace cupel {
namespace {

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

std::string current_boot() {
  const auto text = read_file("/proc/sys/kernel/random/boot_id");
  return text ? std::string(trim(*text)) : std::string("unknown");
}

}  // namespace

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
