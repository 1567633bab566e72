#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/result.h"
#include "registry/version.h"

namespace cupel::registry {

/// What must hold before an alias may point at a version.
struct Gates {
  std::vector<std::string> required;                      ///< `check`, `validate`, `drift`, `ab`: commands whose verdict must be there and be `pass`
  std::vector<std::pair<std::string, double>> at_least;   ///< metric of the part held_out: its value and, if it has one, its interval's worse end
  std::vector<std::pair<std::string, double>> no_worse;   ///< metric: by how much it may be worse than that of the version that holds the alias
};

/// A file `cupel: 1`, `gates: {require: [check, validate], at_least: {auc: 0.9}, no_worse: {auc: 0.005}}`.
/// Errors: file, line, column, what was found, the nearest known word.
Result<Gates> read_gates(const fs::path& file);

/// The same as words of a command line: `check,validate`, and `auc:0.9` once or more. Adds to `gates`.
Result<void> add_required(Gates& gates, std::string_view words);
Result<void> add_limit(std::vector<std::pair<std::string, double>>& limits, std::string_view words);

/// One gate's answer. `cannot_tell` does not let pass either: what is not known is not taken for good.
struct GateAnswer {
  enum class Kind { yes, no, cannot_tell };
  std::string gate;  ///< `verdict of validate`, `auc at least 0.9`, …
  Kind kind = Kind::cannot_tell;
  std::string words;  ///< what was found
};
std::string_view answer_word(GateAnswer::Kind kind);

/// The stored result of a verdict (JSON), by its digest.
using ReadResult = std::function<Result<Json>(const Verdict& verdict)>;

/// Asks every gate. A verdict counts for a version when the result that is kept with it names this model file (`extra.model.digest`) or none, and, of
/// `check`, when it is about the data that the model was trained on where both digests are known. Of several results of one suite the last counts.
/// `holder`: the version that the alias points at now. Metrics of two versions are compared where both were measured on the same rows: same data digest,
/// segment and split. `no_worse` is decided by an interval for the difference: the paired one of a kept result of `validate --against` that is about these
/// two model files (`gain: METRIC`, `over: against`), else one made of both metrics' intervals: yes when all of it is within the margin, no when none is,
/// else it cannot tell. Metrics without intervals are compared by their values.
std::vector<GateAnswer> ask_gates(const Gates& gates, const Version& version, const std::optional<Version>& holder, const ReadResult& read);

/// All say yes.
bool all_pass(const std::vector<GateAnswer>& answers);

}  // namespace cupel::registry
