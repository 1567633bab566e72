#include "base/result.h"

#include <cstdio>
#include <cstdlib>

#include "base/invariant.h"

namespace cupel {

int exit_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::too_little_data: return 75;
    case ErrorKind::interrupted: return 130;
    default: return 2;
  }
}

void check_failed(const char* file, int line, const char* condition, const std::string& details) {
  std::fprintf(stderr, "cupel: bug at %s:%d: %s does not hold%s%s\n", file, line, condition, details.empty() ? "" : ": ",
               details.c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace cupel
