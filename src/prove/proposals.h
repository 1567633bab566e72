#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "prove/detectable_change.h"

namespace cupel::prove {

/// Expectations that a survivor of this column might be killed by, as one-line YAML entries with limits from the clean batches: outside of what they
/// showed by a tenth of the range, and at least five standard deviations from the mean. An empty column: the rows and columns of the table.
/// `add_relations`: the relations of the baseline in which the column stands.
std::vector<std::string> proposal_entries(const table::Table& baseline, const BaselineFacts& facts, const CleanBatches& batches, const std::string& column, int threads);

/// Finds for each survivor (of `cases`, not killed and counted) an expectation that is silent on the clean batches and kills it, by a greedy
/// cover: of the expectations the one that kills most of what is left. Sets CaseProof::proposal; answers with those that were used.
Result<std::vector<Proposal>> propose(std::vector<CaseProof>& cases, const table::Table& baseline, const BaselineFacts& facts, const CleanBatches& batches,
                                      const ProofOptions& options, std::span<const int> repetition_batches);

}  // namespace cupel::prove
