#pragma once

#include <string>

#include "base/json.h"
#include "states/table_profile.h"

namespace cupel::cli {

/// All that a profile says (docs/formats.md). An approximate number is an object: value, low, high, confidence.
Json profile_json(const states::Profile& profile);
/// The same for people: one paragraph a column.
std::string profile_text(const states::Profile& profile);

/// What differs between two profiles, fact by fact; approximate numbers whose bounds overlap do not differ.
Json profile_changes(const states::Profile& before, const states::Profile& after);
std::string changes_text(const Json& changes);

}  // namespace cupel::cli
