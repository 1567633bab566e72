#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cupel::flow {

/// What `--inject STEP=FAULT` does to a step.
enum class Induced { rows, kill_at, kill_after, exit, hang, oom, disk_full, corrupt_output, lost_output, clock_jump };

/// How far `clock_jump` sets the clock back.
constexpr std::int64_t k_clock_jump_seconds = 3600;

struct InducedEntry {
  Induced induced;
  std::string_view form;     ///< "rows:N"
  std::string_view summary;
};
/// Every induced fault, sorted by form.
std::span<const InducedEntry> induced_faults();

struct Injection {
  std::string step;
  std::string text;    ///< as written: "rows:900"
  Induced induced = Induced::exit;
  double value = 0;    ///< rows, percent, seconds or exit status
};

/// `train=rows:900`, `train=kill@50%`, `train=kill:2.5`, `train=exit:3`, `train=hang` … Errors name the nearest known fault.
Result<Injection> parse_injection(std::string_view text);

}  // namespace cupel::flow
