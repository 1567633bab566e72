#include "flow/input_watch.h"

#include <fnmatch.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "flow/step_inputs.h"

namespace cupel::flow {
namespace {

bool is_below(const fs::path& path, const fs::path& folder) {
  const std::string inside = path.lexically_relative(folder).string();
  return !inside.empty() && !inside.starts_with("..");
}

}  // namespace

std::vector<fs::path> watched_paths(const Plan& plan, const fs::path& home) {
  std::vector<fs::path> paths{plan.flow.file};
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.flow.steps[i];
    const Surroundings where{&plan.flow, &step, {}, {}, 1, {}};
    for (const PlannedInput& input : plan.steps[i].inputs) {
      if (!input.producers.empty()) continue;
      const auto path = input.text.expand([&](const std::string& name) { return value_of(where, name); });
      if (path && !path->empty() && path->find("://") == std::string::npos) paths.push_back((plan.flow.folder / *path).lexically_normal());
    }
    if (!step.environment.empty()) paths.push_back((plan.flow.folder / step.environment).lexically_normal());
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  std::erase_if(paths, [&](const fs::path& path) { return is_below(path, home); });
  return paths;
}

Result<InputWatch> InputWatch::make(const std::vector<fs::path>& paths, const fs::path& home) {
  InputWatch watch;
  watch.file_ = FileHandle(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!watch.file_.is_open()) return fail(ErrorKind::io, "cannot watch files: {}", std::strerror(errno));
  std::error_code error;
  for (const fs::path& path : paths) {
    if (fs::is_directory(path, error)) {
      TRY(watch.add_tree(path, home));
      continue;
    }
    fs::path folder = path.parent_path();
    fs::path name = path.filename();
    while (!fs::is_directory(folder, error) && folder.has_relative_path()) {  // not there yet, or a glob: the nearest folder that is
      name = folder.filename();
      folder = folder.parent_path();
    }
    TRY(watch.add(folder, false, name.string()));
  }
  return watch;
}

Result<void> InputWatch::add(const fs::path& folder, bool all, const std::string& name) {
  constexpr std::uint32_t k_changes = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_MASK_ADD;
  const int id = ::inotify_add_watch(file_.get(), folder.c_str(), k_changes);
  if (id < 0 && errno == ENOSPC) return fail_with_hint("cannot watch more files: the system's limit is reached", "raise fs.inotify.max_user_watches", ErrorKind::io);
  if (id < 0) return system_error("watch", folder);
  Folder& known = folders_[id];
  known.path = folder;
  known.all = known.all || all;
  if (!name.empty()) known.names.insert(name);
  return {};
}

Result<void> InputWatch::add_tree(const fs::path& folder, const fs::path& home) {
  if (folder == home || is_below(folder, home)) return {};
  TRY(add(folder, true, {}));
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_directory(error) && !entry.is_symlink(error)) TRY(add_tree(entry.path(), home));
  }
  return {};
}

/// The first change that counts among those that are there; empty: none.
fs::path InputWatch::read_events() {
  fs::path changed;
  alignas(inotify_event) char buffer[1 << 14];
  for (;;) {
    const ssize_t got = ::read(file_.get(), buffer, sizeof buffer);
    if (got <= 0) return changed;
    for (ssize_t at = 0; at < got;) {
      inotify_event event;
      std::memcpy(&event, buffer + at, sizeof event);
      const std::string name = event.len > 0 ? buffer + at + sizeof event : "";
      at += static_cast<ssize_t>(sizeof event + event.len);
      const auto folder = folders_.find(event.wd);
      if (folder == folders_.end() || !changed.empty()) continue;
      const auto& names = folder->second.names;
      const bool counts = folder->second.all || std::any_of(names.begin(), names.end(), [&](const std::string& wanted) { return wanted == name || ::fnmatch(wanted.c_str(), name.c_str(), 0) == 0; });
      if (counts) changed = folder->second.path / name;
    }
  }
}

InputWatch::Change InputWatch::wait(const StopSignals& signals, double quiet_seconds) {
  fs::path changed = read_events();
  for (;;) {
    pollfd watched[] = {{file_.get(), POLLIN, 0}, {signals.descriptor(), POLLIN, 0}};
    const int events = ::poll(watched, 2, changed.empty() ? -1 : static_cast<int>(quiet_seconds * 1000));
    if (const int signal = signals.next()) return {{}, signal};
    if (events == 0) return {changed, 0};
    if (const fs::path more = read_events(); changed.empty()) changed = more;
  }
}

}  // namespace cupel::flow
