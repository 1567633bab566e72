#pragma once

#include "base/json.h"
#include "prove/proof.h"

namespace cupel::prove {

/// The record of a proof (docs/formats.md, "Proof of a suite"): the same bytes for the same suite, baseline, options and seed, but for `seconds`.
Json proof_json(const Proof& proof);

}  // namespace cupel::prove
