#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace cupel::ab {

/// How a unit becomes a number in [0, 1) that decides its arm: the same in any language, on any day.
enum class HashRule {
  sha256,     ///< int(sha256("<salt>:<unit>").hexdigest()[:8], 16) / 2^32: the default, as for splits
  fnv1a,      ///< fnv1a32(decimal text of fnv1a32(salt + unit)) % 10000 / 10000 (GrowthBook, hash version 2)
  fnv1a_v1,   ///< fnv1a32(unit + salt) % 1000 / 1000 (GrowthBook, hash version 1: thousandths, and arms of two salts depend on each other)
  murmur3,    ///< murmur3_32(unit + salt, seed 1) / 2^32 (Optimizely)
};

/// "sha256", "fnv1a", "fnv1a-v1", "murmur3", sorted.
std::span<const std::string_view> hash_rule_names();
std::optional<HashRule> hash_rule_named(std::string_view name);
std::string_view hash_rule_name(HashRule rule);

double bucket_of(HashRule rule, std::string_view salt, std::string_view unit);

/// FNV-1a, 32 bits, over the bytes.
std::uint32_t fnv1a32(std::string_view bytes);
/// MurmurHash3_x86_32 (Appleby).
std::uint32_t murmur3_32(std::string_view bytes, std::uint32_t seed);

}  // namespace cupel::ab
