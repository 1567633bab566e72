#pragma once

#include <sys/types.h>

#include <vector>

#include "base/process.h"

namespace cupel {

/// Every living descendant of `root`, parents before their children, by /proc. A look, not a lock: processes come and go meanwhile.
std::vector<pid_t> descendants(pid_t root);

}  // namespace cupel
