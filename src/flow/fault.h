#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"

namespace cupel::flow {

/// How an attempt ended. The classes never mix: a program that crashed, tests that said no, too few records and a machine that went away
/// call for different answers.
enum class Fault {
  none,             ///< ok
  failed,           ///< exit status other than those below, or a crash (SIGSEGV, SIGABRT …)
  gate_failed,      ///< exit 1 of a command that tests: the data or the model did not pass
  too_little_data,  ///< exit 75: fewer records than configured
  timed_out,        ///< ran longer than the step's timeout, or than its limit of CPU time
  interrupted,      ///< killed from outside (HUP, INT, TERM, KILL), or its runner died
  out_of_memory,
  disk_full,
  cancelled,        ///< the user stopped the run
  missing_input,    ///< a declared input is not there
  lost_output,      ///< a declared output is not there after exit 0, or no longer has its digest
};

/// What is done about a fault.
enum class Response { stop, retry, resume, fall_back, skip, keep_on };

struct FaultEntry {
  Fault fault;
  std::string_view name;
  std::string_view summary;
  Response response;  ///< when the step says nothing
  int tries;          ///< of retry and resume, when the step says nothing
};

/// Every class, in the order of the enum.
std::span<const FaultEntry> faults();
const FaultEntry& entry_of(Fault fault);
std::string_view name_of(Fault fault);
std::optional<Fault> fault_of(std::string_view name);
/// The names that `on:` takes: all but ok and cancelled.
std::vector<std::string> configurable_faults();

struct ResponseEntry {
  Response response;
  std::string_view name;
  std::string_view summary;
};
std::span<const ResponseEntry> responses();
std::string_view name_of(Response response);
std::optional<Response> response_of(std::string_view name);
std::vector<std::string> response_names();

/// What is known of an ended command beside its exit.
struct EndOfCommand {
  ProcessOutcome outcome;
  std::string_view last_errors;  ///< the end of its standard error
  std::string_view last_output;  ///< the end of its standard output: tests say their result there
  std::string program;           ///< for messages
  bool gate = false;             ///< exit 1 means that tests failed
  bool cancelled = false;        ///< the run was told to stop
  bool timed_out = false;
  double timeout_seconds = 0;
  bool kernel_killed_for_memory = false;  ///< the kernel's count of out-of-memory kills grew meanwhile
};

struct Diagnosis {
  Fault fault = Fault::none;
  std::string why;  ///< one line, for people; empty when ok
};

/// The class of an ended command. A shell's exit 128+n stands for signal n.
Diagnosis diagnose(const EndOfCommand& end);

/// The last line that is not blank, shortened; the `cupel NAME: ` in front is left out.
std::string last_line(std::string_view text);

}  // namespace cupel::flow
