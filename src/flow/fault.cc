#include "flow/fault.h"

#include <algorithm>
#include <csignal>
#include <cstring>

#include "base/invariant.h"
#include "base/text.h"
#include "base/time.h"

namespace cupel::flow {
namespace {

constexpr int k_exit_too_little_data = 75;

constexpr FaultEntry k_faults[] = {
    {Fault::none, "ok", "the step did what it should", Response::keep_on, 0},
    {Fault::failed, "failed", "the command failed or crashed", Response::stop, 1},
    {Fault::gate_failed, "gate_failed", "the tests of the step did not pass", Response::stop, 1},
    {Fault::too_little_data, "too_little_data", "fewer records than configured", Response::stop, 1},
    {Fault::timed_out, "timed_out", "longer than the step's timeout", Response::stop, 1},
    {Fault::interrupted, "interrupted", "killed from outside, or its runner died", Response::resume, 2},
    {Fault::out_of_memory, "out_of_memory", "memory ran out", Response::stop, 1},
    {Fault::disk_full, "disk_full", "no space for what the step writes", Response::stop, 1},
    {Fault::cancelled, "cancelled", "the run was told to stop", Response::stop, 0},
    {Fault::missing_input, "missing_input", "a declared input is not there", Response::stop, 1},
    {Fault::lost_output, "lost_output", "a declared output is not there or was altered", Response::retry, 1},
};

constexpr ResponseEntry k_responses[] = {
    {Response::stop, "stop", "start nothing more; the run ends with this fault"},
    {Response::retry, "retry", "run the command again from its beginning"},
    {Response::resume, "resume", "run the command again with its checkpoints"},
    {Response::fall_back, "fall_back", "take the outputs from a named earlier model instead"},
    {Response::skip, "skip", "go on without this step and without those that need it"},
    {Response::keep_on, "continue", "go on as if the step had succeeded"},
};

bool says_any(std::string_view text, std::initializer_list<std::string_view> words) {
  const std::string lower = to_lower_ascii(text);
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

bool says_disk_full(std::string_view text) {
  return says_any(text, {"no space left on device", "file too large", "disk quota exceeded", "enospc"});
}

bool says_out_of_memory(std::string_view text) {
  return says_any(text, {"out of memory", "bad_alloc", "memoryerror", "cannot allocate memory", "memory exhausted",
                         "failed to map segment", "unable to allocate"});
}

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

Diagnosis of_signal(int signal, const EndOfCommand& end) {
  switch (signal) {
    case SIGKILL:
      if (end.kernel_killed_for_memory) return {Fault::out_of_memory, "killed by the kernel because memory ran out"};
      [[fallthrough]];
    case SIGHUP:
    case SIGINT:
    case SIGTERM: return {Fault::interrupted, fmt::format("killed by {}", signal_name(signal))};
    case SIGXCPU: return {Fault::timed_out, "used more CPU time than its limit"};
    case SIGXFSZ: return {Fault::disk_full, "wrote a larger file than its limit"};
    default: return {Fault::failed, fmt::format("crashed by {}", signal_name(signal))};
  }
}

Diagnosis of_exit(int status, const EndOfCommand& end) {
  std::string why = last_line(end.last_errors);
  if (why.empty()) why = fmt::format("exit status {}", status);
  if (status == k_exit_too_little_data) return {Fault::too_little_data, why};
  if (status == 1 && end.gate) {
    // What it says of its tests is its output; on the other stream progress goes by.
    for (const std::string_view said : {end.last_output, end.last_errors}) {
      if (std::string verdict = last_line(said); !verdict.empty()) return {Fault::gate_failed, std::move(verdict)};
    }
    return {Fault::gate_failed, "the tests did not pass"};
  }
  if (status > 128 && status < 128 + 32) {
    const Diagnosis by_signal = of_signal(status - 128, end);
    if (by_signal.fault != Fault::failed) return by_signal;
    why = by_signal.why;
  }
  if (says_disk_full(end.last_errors)) return {Fault::disk_full, why};
  if (says_out_of_memory(end.last_errors)) return {Fault::out_of_memory, why};
  return {Fault::failed, why};
}

}  // namespace

std::span<const FaultEntry> faults() { return k_faults; }

const FaultEntry& entry_of(Fault fault) {
  const FaultEntry& entry = k_faults[static_cast<std::size_t>(fault)];
  CHECK(entry.fault == fault, "table of faults out of order at '{}'", entry.name);
  return entry;
}

std::string_view name_of(Fault fault) { return entry_of(fault).name; }

std::optional<Fault> fault_of(std::string_view name) {
  for (const FaultEntry& entry : k_faults) {
    if (entry.name == name) return entry.fault;
  }
  return std::nullopt;
}

std::vector<std::string> configurable_faults() {
  std::vector<std::string> names;
  for (const FaultEntry& entry : k_faults) {
    if (entry.fault != Fault::none && entry.fault != Fault::cancelled) names.emplace_back(entry.name);
  }
  return names;
}

std::span<const ResponseEntry> responses() { return k_responses; }

std::string_view name_of(Response response) {
  for (const ResponseEntry& entry : k_responses) {
    if (entry.response == response) return entry.name;
  }
  CHECK(false, "response {}", static_cast<int>(response));
}

std::optional<Response> response_of(std::string_view name) {
  for (const ResponseEntry& entry : k_responses) {
    if (entry.name == name) return entry.response;
  }
  return std::nullopt;
}

std::vector<std::string> response_names() {
  std::vector<std::string> names;
  for (const ResponseEntry& entry : k_responses) names.emplace_back(entry.name);
  return names;
}

Diagnosis diagnose(const EndOfCommand& end) {
  const ProcessOutcome& outcome = end.outcome;
  // A command that ends well after it was told to stop has not done its work.
  if (end.cancelled) return {Fault::cancelled, "the run was told to stop"};
  if (end.timed_out) return {Fault::timed_out, fmt::format("longer than its timeout of {}", duration_text(end.timeout_seconds))};
  if (outcome.exit_status == 0) return {};
  if (outcome.keeper_lost) return {Fault::interrupted, "its keeper process was killed"};
  if (outcome.start_error != 0) {
    return {Fault::failed, fmt::format("cannot start '{}': {}", end.program, std::strerror(outcome.start_error))};
  }
  if (outcome.signal > 0) return of_signal(outcome.signal, end);
  return of_exit(outcome.exit_status, end);
}

std::string last_line(std::string_view text) {
  while (!text.empty()) {
    const std::size_t start = text.rfind('\n');
    const std::string_view line = trim(start == std::string_view::npos ? text : text.substr(start + 1));
    if (!line.empty()) {
      constexpr std::size_t k_width = 160;
      std::string_view said = line;
      if (said.starts_with("cupel ")) {
        const std::size_t colon = said.find(": ");
        if (colon != std::string_view::npos && said.find(' ', 6) > colon) said.remove_prefix(colon + 2);
      }
      return shorten(said, k_width);
    }
    if (start == std::string_view::npos) break;
    text = text.substr(0, start);
  }
  return {};
}

}  // namespace cupel::flow
