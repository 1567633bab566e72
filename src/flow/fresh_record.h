#pragma once

#include <vector>

#include "flow/runner.h"
#include "flow/step_inputs.h"

namespace cupel::flow {

/// The record of a run that begins now: everything that is known before the first step, all steps waiting. Id and folder are left empty.
RunRecord fresh_record(const Plan& plan, const RunOptions& options);

/// What a step found of its declared inputs, with the digests of its key.
std::vector<InputRecord> input_records(const std::vector<FoundInput>& inputs, const StepKey& key);

}  // namespace cupel::flow
