#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"
#include "base/result.h"
#include "base/time.h"

namespace cupel::model {

/// How much work may be lost to an interruption: what was done since the last save. The bytes of the model do not depend on it.
struct CheckpointInterval {
  enum class Unit { percent, seconds, steps };
  Unit unit = Unit::percent;
  double amount = 4;  ///< of the whole training; of the clock; of Newton steps and boosting rounds
};
/// `4%`, `30s`, `2m`, `10` (steps). Errors: anything else, and what is not above 0.
Result<CheckpointInterval> parse_checkpoint_interval(std::string_view text);

/// What the runner of a flow tells a training by its environment.
struct TrainingOrders {
  fs::path checkpoint_folder;              ///< CUPEL_CHECKPOINT_DIR; empty: no checkpoints
  std::optional<double> kill_at;           ///< CUPEL_INJECT_KILL_AT: percent of the progress at which the process kills itself
  std::optional<std::int64_t> first_rows;  ///< CUPEL_INJECT_ROWS: only so many rows of the data
  std::string injected;                    ///< CUPEL_INJECTED: what was induced, for model.json
  std::string run;                         ///< CUPEL_RUN
  CheckpointInterval every;
};
/// Reads the environment. Errors: a number that is none.
Result<TrainingOrders> read_orders();

/// Named results of finished and half-finished stages, kept in one file that is replaced durably as the training goes on. A training that
/// finds the file of its own `key` (configuration, data, seed, program) goes on from there; any other file is left alone until the first
/// save. Every stage is deterministic and restores its state bit for bit, so a resumed training ends with the bytes of an undisturbed one.
class Checkpoint {
 public:
  using Told = std::function<void(double percent, std::string_view stage)>;
  /// `told` hears of every step of the progress.
  static Result<Checkpoint> open(const TrainingOrders& orders, std::string key, Told told);

  /// Percent that an earlier, interrupted training had reached; 0 when there was none.
  double resumed_at() const { return resumed_at_; }
  /// What a stage left behind, or nothing.
  std::optional<std::string_view> find(std::string_view name) const;
  /// Kept with the next save.
  void put(std::string_view name, std::string bytes);
  void erase(std::string_view name);

  /// The training has come this far. Saves when an interval is over since the last save; dies by SIGKILL when that was induced.
  Result<void> reached(double percent, std::string_view stage);
  /// The training is complete: nothing is left behind.
  void remove();

 private:
  bool is_due() const;
  Result<void> save();

  fs::path path_;  // empty: none
  std::string key_;
  Told told_;
  std::optional<double> kill_at_;
  std::map<std::string, std::string, std::less<>> entries_;
  double percent_ = 0, saved_percent_ = 0, resumed_at_ = 0;
  CheckpointInterval every_;
  Stopwatch since_saved_;
  double steps_ = 0;  // since the last save
};

}  // namespace cupel::model
