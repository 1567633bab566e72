#pragma once

#include "base/json.h"
#include "registry/version.h"

namespace cupel::registry {

/// How a version came about, as an in-toto Statement (https://in-toto.io/Statement/v1) with a SLSA provenance predicate
/// (https://slsa.dev/provenance/v1).
///
/// subject: the version's files and their sha256. buildDefinition: `externalParameters` are what whoever started it chose (configuration, data,
/// segment, target, parameters, seed), `internalParameters` what followed from the program (features, opsets, estimator), `resolvedDependencies` the data,
/// the configuration, the tool and the libraries, with digests where they are known. runDetails: builder, run id, times, and as byproducts
/// model.json and the results of suites. Facts that model.json does not hold are left out; nothing is invented. `version` comes from `find`.
Json provenance_statement(const Version& version);

}  // namespace cupel::registry
