#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "prove/batches.h"
#include "prove/data_fault.h"
#include "prove/evaluator.h"
#include "stats/interval.h"
#include "suite/suite.h"

namespace cupel::prove {

/// What a suite is tested with: DESIGN §1, "the tests are themselves tested".
struct ProofOptions {
  BatchPlan batches{};
  std::vector<const Fault*> faults{};
  /// Clean batches that each fault is put into (as many as there are, at most). A fault counts as killed when it is caught in at least `power` of
  /// those that it changes.
  int repetitions = 10;
  double power = 0.8;
  /// An expectation alarms too often when its rate is, with 95 % confidence, above its part (one of all) of this.
  double maximum_false_alarms = 0.02;
  Evaluator::Options evaluate{};
  int threads = 0;
  std::function<void(std::string_view doing, std::uint64_t done, std::uint64_t total)> progress{};
};

/// Exact (Clopper and Pearson 1934) at 95 %.
struct AlarmRate {
  int alarms = 0;
  int batches = 0;
  stats::Interval interval{};
  double rate() const { return batches == 0 ? 0 : static_cast<double>(alarms) / batches; }
};
AlarmRate alarm_rate(int alarms, int batches);

/// The smallest change that an expectation catches with power 80 %.
struct DetectableChange {
  std::string words;   ///< "a shift of +0.41 (0.033 standard deviations)"
  std::string method;  ///< "binomial", "clean batches moved", "simulation"
  std::string kind;    ///< of the ramp (prove/ramp.h) along which the data changed
  int field = -1;
  int partner = -1;
  double amount = 0;   ///< along the ramp
};

/// A change of an expectation's limits after which it is silent on the clean batches.
struct BetterLimit {
  std::string words;       ///< "at_most: 4.9%"
  double now = 0;          ///< alarms of the clean batches before …
  double then = 0;         ///< … and after, as shares
};

struct ExpectationProof {
  std::string id;
  std::string words;
  suite::Severity severity = suite::Severity::error;
  std::vector<std::string> columns{};
  /// What it says of the whole baseline where it does not pass there.
  std::optional<std::string> baseline_message{};
  suite::Verdict baseline_verdict = suite::Verdict::pass;
  AlarmRate alarms{};
  int inconclusive = 0;  ///< clean batches
  int kills = 0;         ///< counted faults that it kills
  int only_kills = 0;    ///< … that nothing else kills
  bool redundant = false;  ///< all redundant ones can go together without a fault being missed
  bool alarms_too_often = false;
  std::optional<DetectableChange> detectable{};
  std::optional<BetterLimit> better_limit{};
};

enum class CaseClass {
  counted,
  keeps_marginals,     ///< by construction: apart
  keeps_distribution,  ///< by construction: apart
  no_effect,           ///< changed nothing in any of the batches
};
std::string_view case_class_name(CaseClass group);

struct CaseProof {
  FaultCase fault_case;
  CaseClass group = CaseClass::counted;
  int trials = 0;  ///< batches that the fault changed
  int kills = 0;   ///< of them, caught by an expectation of severity error, or one that could no longer be evaluated
  int warned = 0;  ///< of the others, noticed by an expectation of severity warn
  bool killed = false;
  /// Per expectation: trials in which it alarmed where the clean batch did not.
  std::vector<int> alarms_of{};
  /// A row as it was and as it came, of the first trial: "row 17: 4.5 → 45"; or the number of rows.
  std::string example{};
  int proposal = -1;  ///< into Proof::proposals
};

/// An expectation that would kill survivors: silent on all clean batches that were asked, and it kills each of the faults that name it.
struct Proposal {
  std::string entry;  ///< one line of YAML for `expect:`
  std::string id;
  int kills = 0;      ///< survivors
  int clean_batches = 0;
};

struct Score {
  std::string name;  ///< a column; empty: the rows of the table
  int killed = 0;
  int counted = 0;
  double share() const { return counted == 0 ? 0 : static_cast<double>(killed) / counted; }
};

struct Proof {
  std::string suite;
  std::string suite_path;
  std::string baseline_path;
  std::int64_t baseline_rows = 0;
  std::string batches;              ///< CleanBatches::words
  std::string batch_method;
  std::int64_t batch_rows = 0;
  double share_of_baseline = 0;
  int repetitions = 0;
  double power = 0;
  std::uint64_t seed = 0;
  std::vector<ExpectationProof> expectations{};
  AlarmRate suite_alarms{};
  std::vector<CaseProof> cases{};
  Score score{};
  std::vector<Score> columns{};
  std::vector<Proposal> proposals{};
  std::vector<std::string> notes{};  ///< what a reader must know: constant columns, batches that share most rows …
  std::int64_t suite_runs = 0;       ///< batches that were judged
  double seconds = 0;
};

/// Puts the suite to the proof. Errors: what CleanBatches::make and Evaluator::make refuse.
Result<Proof> prove_suite(const suite::Suite& suite, const table::Table& baseline, const table::Table* reference, const ProofOptions& options);

/// Does a judgement end the run: failed with severity error, or could not be evaluated?
bool stops(const Judgement& judgement, suite::Severity severity);

}  // namespace cupel::prove
