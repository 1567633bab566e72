#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/json.h"
#include "registry/registry.h"

namespace cupel::registry {

/// The versions as a table for people, one line each with its location; control characters from names and metadata are made visible.
std::string version_table(std::span<const Version> versions, const Registry& registry);

/// One version for machines: everything but the text of model.json. Facts that are absent are left out.
Json version_json(const Version& version, const Registry& registry);

/// 1,987,654 -> "2.0 MB".
std::string size_text(std::uint64_t bytes);

/// Rows of cells as lines; every column but the last is padded to its widest cell.
std::string aligned(std::span<const std::vector<std::string>> rows, std::string_view indent);

}  // namespace cupel::registry
