#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/process.h"

namespace cupel {

/// What the keeper of a process tree is told at its start; see Process.
struct KeeperTask {
  std::string program;  ///< empty: there is none of that name
  std::vector<std::string> argv;
  std::vector<std::string> environment;
  std::string folder;
  ProcessLimits limits;
  std::vector<int> held;
  int control = -1;  ///< read end; its end means that the owner is dead
  int report = -1;   ///< write end: one KeeperStarted, then one KeeperEnded
  int output = -1;
  int errors = -1;
};

struct KeeperStarted {
  pid_t command = 0;  ///< 0: could not be started, KeeperEnded says why
};

struct KeeperEnded {
  ProcessOutcome outcome;
};

constexpr char k_keeper_kill = 'K';

/// The life of a keeper, in a freshly forked process.
[[noreturn]] void keep(const KeeperTask& task);

}  // namespace cupel
