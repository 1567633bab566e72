#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "prove/detectable_change.h"
#include "prove/history.h"

namespace cupel::prove {

/// Expectations that a survivor of this column might be killed by, as one-line YAML entries: what `cupel suggest` would consider, with prediction limits for
/// the next clean batch, and rules of what a value looks like. An empty column: the rows, columns and relations of the table.
std::vector<std::string> proposal_entries(const History& history, const BaselineFacts& facts, const std::string& column);

/// Finds for each survivor (of `cases`, not killed and counted) an expectation that is silent on the clean batches and kills it, by a greedy
/// cover: of the expectations the one that kills most of what is left. Sets CaseProof::proposal; answers with those that were used.
Result<std::vector<Proposal>> propose(std::vector<CaseProof>& cases, const table::Table& baseline, const BaselineFacts& facts, const CleanBatches& batches,
                                      const ProofOptions& options, std::span<const int> repetition_batches);

}  // namespace cupel::prove
