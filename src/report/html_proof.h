#pragma once

#include <string>

#include "base/json.h"

namespace cupel::report {

/// One self-contained page of a proof (docs/formats.md, "Proof of a suite"): false alarms and score, what to do, and for each column a heat map of
/// faults against the expectations that noticed any of them. No script, no request to anywhere.
std::string html_proof_page(const Json& proof);

}  // namespace cupel::report
