#pragma once

#include <span>
#include <string>

#include "base/json.h"
#include "registry/registry.h"

namespace cupel::registry {

/// Everything that is known about a version, for people: location, input and output schema, exclusions, dependencies, metrics with
/// intervals, verdicts, lineage, history. `version` comes from `find`.
std::string show_text(const Version& version, std::span<const Event> history, const Registry& registry);

/// The same for machines: version_json, then `model` (model.json as it was) and `history`.
Json show_json(const Version& version, std::span<const Event> history, const Registry& registry);

}  // namespace cupel::registry
