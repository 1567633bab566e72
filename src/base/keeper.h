#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/process.h"

namespace cupel {

/// One command for a keeper.
struct KeeperTask {
  std::string program;  ///< empty: there is none of that name
  std::vector<std::string> argv;
  std::vector<std::string> environment;
  std::string folder;
  ProcessLimits limits;
};

/// What a keeper says: once when the command has started or could not, once when its whole tree is gone. Crosses a pipe in one piece.
struct KeeperWord {
  enum class About : int { started, ended } about = About::started;
  pid_t command = 0;       ///< of `started`; 0: it could not be, `ended` says why
  ProcessOutcome outcome;  ///< of `ended`
};

constexpr char k_keeper_kill = 'K';
constexpr char k_keeper_start = 'S';

/// What a keeper is born with.
struct KeeperEnds {
  int control = -1;  ///< a socket: tasks and orders come in; its end means that the owner is dead or has no more to do
  int report = -1;   ///< write end of a pipe of KeeperWord
  std::vector<int> held;
};

/// The life of a guard and of its keeper, in a freshly forked process.
[[noreturn]] void keep(const KeeperEnds& ends);

/// Hands a task and the write ends of the command's two outputs to a keeper that is idle. False: it is gone.
bool send_task(int control, const KeeperTask& task, int output, int errors);

}  // namespace cupel
