#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "prove/candidate.h"
#include "prove/data_fault.h"
#include "prove/harm.h"
#include "prove/history.h"

namespace cupel::prove {

/// Which expectation it is, whatever its limits: Candidate::column and what.
struct ExpectationName {
  std::string column;
  std::string what;
  bool operator==(const ExpectationName&) const = default;
};

struct SuggestOptions {
  double false_alarms = 0.01;              ///< of the whole suite on the next clean batch, in (0, 0.5]
  std::vector<const Fault*> faults{};      ///< what the suite shall catch; empty: the whole catalogue
  int batches = 2;                         ///< clean batches on which each fault is tried: caught where all are
  bool keep_all = false;                   ///< also candidates that catch nothing that others do not
  /// Not empty: these expectations and no others, their limits anew; no fault is tried.
  std::vector<ExpectationName> only{};
  /// Expectations and limits by the harm that faults do to a model: limits are no tighter than the budget allows, and as wide as the damage may be that does no
  /// harm. `batches`, `keep_all` and `only` mean nothing then.
  std::optional<Harm> harm{};
  std::uint64_t seed = 1;
  int threads = 0;
  std::string date{};                      ///< for `derived`
  std::function<void(std::uint64_t done, std::uint64_t total)> progress{};
};

struct Suggested {
  std::string column;
  std::string what;
  Entry entry;
  double alpha = 0;       ///< its share of the budget; 0: certain
  std::int64_t kills = 0;  ///< faults that it catches
};

struct Suggestion {
  std::vector<Suggested> expectations;  ///< in the order of the columns
  std::int64_t candidates = 0;          ///< considered
  std::int64_t cases = 0;               ///< faults tried: each fault, severity and column
  std::int64_t killed = 0;              ///< of them (of the harmful ones) caught by the suite
  std::int64_t harmful = 0;             ///< with SuggestOptions::harm: faults that lower the score by more than it allows …
  std::int64_t harmless_alarms = 0;     ///< … and alarms on others
  std::vector<std::string> survivors;   ///< in words
  std::vector<std::string> notes;       ///< what the data cannot promise, coded nulls
  BaselineFacts facts;                  ///< of the clean data
};

/// A suite whose false alarms on the next clean batch stay within the budget, which is split evenly over its expectations (their sum bounds the
/// chance of any alarm, whatever their dependence). Which stand in it is decided by the faults: greedily the one that catches most of what nothing so far
/// catches, until none adds anything; the budget of those that are left out goes to the others. Deterministic in the seed, on any number of threads.
/// Errors: data on which no expectation can be promised.
Result<Suggestion> suggest(const History& history, const SuggestOptions& options);

/// The suite as a YAML file: grouped by column, commented, with `because` and `derived`.
std::string suggested_suite(const Suggestion& suggestion, const History& history, const SuggestOptions& options);

}  // namespace cupel::prove
