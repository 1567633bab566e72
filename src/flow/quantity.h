#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "base/yaml.h"

namespace cupel::flow {

/// `500ms`, `90s`, `20m`, `2h`: seconds, more than zero. Error at the node's place.
Result<double> read_duration(const yaml::Node& node, std::string_view what);
/// The same, zero allowed.
Result<double> read_delay(const yaml::Node& node, std::string_view what);
/// `4K`, `512M`, `2G` (powers of 1024) or plain bytes.
Result<std::uint64_t> read_size(const yaml::Node& node, std::string_view what);

}  // namespace cupel::flow
