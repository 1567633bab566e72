#pragma once

#include <poll.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/time.h"
#include "flow/inject.h"
#include "flow/journal.h"
#include "flow/run_record.h"

namespace cupel::flow {

/// One stream of a command, written to a file of bounded size: the first 8 MiB, a line that says what is left out, and the last 256 KiB.
class LogFile {
 public:
  /// Every occurrence of a secret is replaced by `***`.
  LogFile(fs::path path, std::vector<std::string> secrets);
  LogFile(LogFile&&) = default;
  LogFile& operator=(LogFile&&) = default;
  ~LogFile() { finish(); }
  void add(std::string_view bytes);
  void finish();
  /// The last 4 KiB.
  const std::string& end() const { return end_; }

 private:
  void append(std::string_view bytes);
  void keep(std::string_view bytes);
  fs::path path_;
  std::vector<std::string> secrets_;
  std::size_t longest_secret_ = 0;
  std::string held_;  ///< may be the beginning of a secret
  FileHandle file_;
  std::string end_;
  std::string tail_;
  std::uint64_t written_ = 0;
  std::uint64_t skipped_ = 0;
  bool finished_ = false;
};

/// What an attempt is started with.
struct AttemptSpec {
  fs::path folder;              ///< of the attempt
  ProcessSpec process;
  std::vector<std::string> cleanup;
  AttemptRecord record;
  nlohmann::ordered_json* intent_facts = nullptr;  ///< further facts for the intent
  double timeout_seconds = 0;
  double grace_seconds = 10;
  bool gate = false;
  std::vector<std::string> secrets;  ///< values that the logs leave out
  std::optional<Injection> injection;  ///< that this attempt carries out itself
};

/// A running command: its process, its logs and its clocks. The intent is durable in the journal before the command starts; the result is said
/// by the caller, after the outputs are in place.
class Attempt {
 public:
  /// `keepers` must outlive the attempt.
  static Result<std::unique_ptr<Attempt>> start(AttemptSpec spec, Journal& journal, Keepers& keepers);

  const AttemptRecord& record() const { return spec_.record; }
  double seconds() const { return watch_.seconds(); }
  pid_t keeper() const { return process_->keeper(); }
  bool keeper_lost() const { return keeper_lost_; }

  void add_descriptors(std::vector<pollfd>& watched) const;
  /// Seconds until a clock of its own needs attention; nothing: none runs.
  std::optional<double> next_event() const;
  /// Reads what the command said, follows the clocks. True: it has ended and `diagnosis` is known.
  bool advance();
  /// The run was told to stop: SIGTERM now, SIGKILL after the grace period, or at once.
  void cancel();
  void kill_now();

  /// After the end: class, reason and resources are in the record.
  Diagnosis diagnosis() const { return diagnosis_; }

 private:
  explicit Attempt(AttemptSpec spec);
  void follow_clocks();
  void conclude(const ProcessOutcome& outcome);

  AttemptSpec spec_;
  Stopwatch watch_;
  std::optional<Process> process_;
  LogFile output_;
  LogFile errors_;
  bool output_open_ = true;
  bool errors_open_ = true;
  bool cancelled_ = false;
  bool timed_out_ = false;
  bool killed_ = false;
  bool keeper_lost_ = false;
  std::optional<double> kill_at_;  ///< seconds since the start
  std::uint64_t memory_kills_before_ = 0;
  Diagnosis diagnosis_;
};

}  // namespace cupel::flow
