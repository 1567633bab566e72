#pragma once

#include <fmt/format.h>

#include <string>

namespace cupel {

/// Prints the failed condition with its place and aborts: our own bug, never the user's mistake.
[[noreturn]] void check_failed(const char* file, int line, const char* condition, const std::string& details);

}  // namespace cupel

/// Always on. `CHECK(a == b, "{} against {}", a, b)`
#define CHECK(condition, ...)                                                                  \
  do {                                                                                         \
    if (!(condition)) [[unlikely]]                                                             \
      ::cupel::check_failed(__FILE__, __LINE__, #condition, ::fmt::format("" __VA_ARGS__));    \
  } while (false)
