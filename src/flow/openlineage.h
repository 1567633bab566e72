#pragma once

#include <string>

#include "flow/run_record.h"

namespace cupel::flow {

/// The events of a run as OpenLineage 2-0-2 wants them (openlineage.io/spec), one JSON object a line, by time: START and one of COMPLETE, FAIL and
/// ABORT for the run and for each step that ran or was reused; of what is still going on START alone. Steps are children of the run
/// (`parent`), job names are `<flow>` and `<flow>.<step>`, ids are made from the record, so that the same record gives the same bytes.
///
/// Data sets: files by their absolute path in namespace `file`, addresses by scheme and host, outputs of steps as `<flow>/<step>/<output>` in the
/// namespace of the jobs, so that they keep their name from run to run; each with its digest as version. What a step's check result says of
/// its data becomes `dataQualityAssertions` (inconclusive expectations and errors are left out: they are neither success nor failure), the inputs of
/// a model.json the model's `schema`. A fault is the `errorMessage`; state, key, what was reused or taken, and every induced fault are `tags`.
///
/// `job_namespace` names the place of the jobs. Results are read from the run's folder, where they are still there.
std::string openlineage_events(const RunRecord& run, const std::string& job_namespace);

}  // namespace cupel::flow
