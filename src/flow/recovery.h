#pragma once

#include "flow/journal.h"
#include "flow/run_folder.h"

namespace cupel::flow {

/// After a runner that died: the step's attempts without a result were interrupted, in its record and in the journal; what was left of an attempt
/// that never came to its intent goes, as do scratch outputs. For a run that the caller holds.
void close_open_attempts(const RunFolder& run, Journal& journal, StepRecord& step);

}  // namespace cupel::flow
