#pragma once

#include <string>
#include <vector>

#include "flow/run_record.h"

namespace cupel::flow {

/// The table at the end of a run: step, state, time, why; what the induced faults were; how it ended and what to do next.
std::string summary_text(const RunRecord& run);
/// The same with every attempt and output, for `runs show`.
std::string full_text(const RunRecord& run);
/// Why a step ran or was reused, and what its key is made of, for `runs explain`.
std::string explanation_text(const RunRecord& run, const StepRecord& step);
/// One line a run, for `runs list`.
std::string list_text(const std::vector<RunRecord>& runs);
/// What differs between two runs of one flow: parameters, and for each step its state and the parts of its key.
std::string difference_text(const RunRecord& before, const RunRecord& now);

/// What to do about an unhandled fault; one line each.
std::vector<std::string> advice(const RunRecord& run);

/// "fell back", "not run", or the class of an unhandled fault.
std::string state_word(const StepRecord& step);
/// "900 rows, expected 1,000; took reviews@champion", the text of the last column.
std::string why_text(const StepRecord& step);

}  // namespace cupel::flow
