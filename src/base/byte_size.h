#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cupel {

/// A size in bytes as people write it: "512M", "2G", "1.5G", "64K" (of 1024) or bare bytes; nothing for what is none, below one byte or above a pebibyte.
std::optional<std::int64_t> parse_byte_size(std::string_view text);

}  // namespace cupel
