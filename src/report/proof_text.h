#pragma once

#include <string>

#include "base/json.h"
#include "report/terminal.h"

namespace cupel::report {

/// What a person reads of a proof (docs/formats.md, "Proof of a suite"): first what fails on its own baseline, then false alarms, score, a line an
/// expectation, survivors with an example, and what would kill them. `verbose` shows every survivor and what was counted apart.
std::string proof_text(const Json& proof, const TerminalOptions& options);

}  // namespace cupel::report
