#pragma once

#include "drift/finding.h"
#include "suite/verdict.h"

namespace cupel::drift {

/// The facts of a decided finding in an outcome: verdict, observed distance, interval, corrected p, effect, detectable, chart, message.
void fill_outcome(const Finding& finding, suite::Outcome& outcome);

}  // namespace cupel::drift
