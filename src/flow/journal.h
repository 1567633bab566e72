#pragma once

#include <string>
#include <vector>

#include "base/process.h"
#include "flow/run_record.h"

namespace cupel::flow {

/// `<run>/journal.jsonl`: what happened in a run, one JSON object a line, in the order in which it happened:
///
///   {"event": "intent", "step": …, "key": …, "runner_pid": …, "command": […], "attempt": 1, …}   the command is about to start
///   {"event": "result", "step": …, "attempt": 1, "result": "ok", …}                               it has ended, its outputs are in place
///   {"event": "state", "name": …, "state": "ok", …}                                               the step has its final state (as in run.json)
///
/// Lines are written into room that is on the disk already (filled with line ends), so that to make them durable is to write one block: no file is
/// created, no folder and no size change. Lines are kept until `sync`: one of these makes the result of a step and the intent of the next durable.
/// A line that a crash of the machine tore is no JSON object and is skipped; what was durable is never overwritten.
class Journal {
 public:
  /// Makes the journal of a new run, its room durable, or goes on behind the last line of an earlier runner.
  static Result<Journal> open(const fs::path& run_folder);

  void intent(const nlohmann::ordered_json& facts, const AttemptRecord& attempt);
  void result(const std::string& step, const AttemptRecord& attempt);
  void state(const StepRecord& step);

  /// What was said so far is on the disk when this returns.
  Result<void> sync();
  /// The end of a run: as `sync`, and the room that was not needed is given back.
  Result<void> close();

 private:
  Journal(FileHandle file, fs::path path, std::uint64_t end) : file_(std::move(file)), path_(std::move(path)), end_(end), room_end_(end) {}
  void add(const nlohmann::ordered_json& event);
  Result<void> write();
  Result<void> make_room(std::uint64_t bytes);

  FileHandle file_;
  fs::path path_;
  std::uint64_t end_;       ///< of the lines
  std::uint64_t room_end_;  ///< of the file
  std::string kept_;        ///< not written yet
  bool dirty_ = false;      ///< written, but not durable
};

/// Sets state and attempts of a run's steps as its journal has them: an intent without a result has `ended` false and leaves its step `running`.
void replay_journal(const fs::path& run_folder, std::vector<StepRecord>& steps);

}  // namespace cupel::flow
