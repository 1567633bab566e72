#pragma once

#include <span>
#include <vector>

#include "prove/batches.h"
#include "prove/suggestion.h"
#include "suite/suite.h"

namespace cupel::prove {

/// Candidates with the entry that they have at a share of the budget.
struct Drawn {
  std::vector<std::size_t> candidate;  // index of each entry
  std::vector<Entry> entries;
};

Drawn draw(std::span<const Candidate> all, std::span<const std::size_t> wanted, double alpha);
/// The entries as a suite: the lines read back.
suite::Suite parsed(const Drawn& drawn);
/// Disjoint batches where the rows suffice, else rows drawn with replacement.
Result<CleanBatches> trial_batches(const History& history, int count, std::uint64_t seed);
/// Expectations by the harm that the faults do to a model (prove/harm.h).
Result<Suggestion> suggest_by_harm(const Seen& seen, std::span<const Candidate> all, const SuggestOptions& options);

}  // namespace cupel::prove
