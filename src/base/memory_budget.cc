#include "base/memory_budget.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

#include "base/files.h"

namespace cupel {
namespace {

constexpr std::int64_t k_none = std::numeric_limits<std::int64_t>::max();

std::int64_t machine_bytes() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  return pages > 0 ? static_cast<std::int64_t>(pages) * ::sysconf(_SC_PAGESIZE) : k_none;
}

/// The number in a file of the kernel; "max" and whatever else is none.
std::int64_t number_in(const fs::path& file) {
  std::ifstream in(file);
  std::int64_t number = 0;
  return in >> number && number > 0 ? number : k_none;
}

/// The least limit of this process's control group and those above it (version 2, else version 1).
std::int64_t cgroup_bytes() {
  std::int64_t least = k_none;
  std::ifstream lines("/proc/self/cgroup");
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool second_version = controllers.empty();
    if (!second_version && controllers.find("memory") == std::string::npos) continue;
    const fs::path root = second_version ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
    const char* file = second_version ? "memory.max" : "memory.limit_in_bytes";
    for (fs::path group = fs::path(line.substr(second + 1)).relative_path();; group = group.parent_path()) {
      least = std::min(least, number_in(root / group / file));
      if (group.empty()) break;
    }
  }
  return least;
}

/// What is left of the address space, or of the data, of this process.
std::int64_t free_below_limit(int resource, int column_of_statm) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return k_none;
  std::ifstream statm("/proc/self/statm");
  std::int64_t pages = 0;
  for (int i = 0; i <= column_of_statm; ++i) statm >> pages;
  const std::int64_t taken = statm ? pages * ::sysconf(_SC_PAGESIZE) : 0;
  const auto most = static_cast<std::int64_t>(std::min<rlim_t>(limit.rlim_cur, static_cast<rlim_t>(k_none)));
  return std::max<std::int64_t>(0, most - taken);
}

}  // namespace

std::int64_t MemoryBudget::default_limit() {
  const std::int64_t least = std::min({machine_bytes(), cgroup_bytes(), free_below_limit(RLIMIT_AS, 0), free_below_limit(RLIMIT_DATA, 5)});
  return std::max<std::int64_t>(1 << 20, least / 5 * 2);
}

MemoryBudget::MemoryBudget() : limit_(default_limit()) {}

MemoryBudget& MemoryBudget::of_process() {
  static MemoryBudget budget;
  return budget;
}

std::int64_t MemoryBudget::small_bytes() const { return std::clamp<std::int64_t>(limit() / 256, 4 << 10, 1 << 20); }

// More than the budget is held, and the small holders have less than half of it: some holder has at least this much.
std::int64_t MemoryBudget::fair_bytes() const {
  return std::max(small_bytes(), limit() / (2 * std::max<std::int64_t>(1, large_holders_.load(std::memory_order_relaxed))));
}

void MemoryBudget::change(std::int64_t from, std::int64_t to) {
  used_.fetch_add(to - from, std::memory_order_relaxed);
  const std::int64_t small = 1 << 20;  // whatever the limit, which may change meanwhile
  const int was_large = from >= small ? 1 : 0;
  const int is_large = to >= small ? 1 : 0;
  if (was_large != is_large) large_holders_.fetch_add(is_large - was_large, std::memory_order_relaxed);
}

}  // namespace cupel
