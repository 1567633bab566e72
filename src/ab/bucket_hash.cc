#include "ab/bucket_hash.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "base/hash.h"

namespace cupel::ab {
namespace {

constexpr std::array<std::string_view, 4> k_names = {"fnv1a", "fnv1a-v1", "murmur3", "sha256"};
constexpr std::array<HashRule, 4> k_rules = {HashRule::fnv1a, HashRule::fnv1a_v1, HashRule::murmur3, HashRule::sha256};

std::string joined(std::string_view first, std::string_view second) { return std::string(first).append(second); }

}  // namespace

std::span<const std::string_view> hash_rule_names() { return k_names; }

std::optional<HashRule> hash_rule_named(std::string_view name) {
  for (std::size_t i = 0; i < k_names.size(); ++i) {
    if (k_names[i] == name) return k_rules[i];
  }
  return std::nullopt;
}

std::string_view hash_rule_name(HashRule rule) {
  return k_names[static_cast<std::size_t>(std::find(k_rules.begin(), k_rules.end(), rule) - k_rules.begin())];
}

std::uint32_t fnv1a32(std::string_view bytes) {
  std::uint32_t hash = 0x811c9dc5;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x01000193;
  return hash;
}

std::uint32_t murmur3_32(std::string_view bytes, std::uint32_t seed) {
  const auto scramble = [](std::uint32_t k) { return std::rotl(k * 0xcc9e2d51, 15) * 0x1b873593; };
  const auto byte_at = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(bytes[i])}; };
  std::uint32_t hash = seed;
  std::size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    const std::uint32_t block = byte_at(i) | byte_at(i + 1) << 8 | byte_at(i + 2) << 16 | byte_at(i + 3) << 24;
    hash = std::rotl(hash ^ scramble(block), 13) * 5 + 0xe6546b64;
  }
  std::uint32_t tail = 0;
  for (std::size_t k = bytes.size(); k > i; --k) tail = tail << 8 | byte_at(k - 1);
  hash ^= scramble(tail);
  hash ^= static_cast<std::uint32_t>(bytes.size());
  hash = (hash ^ hash >> 16) * 0x85ebca6b;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35;
  return hash ^ hash >> 16;
}

double bucket_of(HashRule rule, std::string_view salt, std::string_view unit) {
  switch (rule) {
    case HashRule::sha256: return sha256_prefix(joined(salt, ":").append(unit)) / 0x1p32;
    case HashRule::fnv1a: return fnv1a32(std::to_string(fnv1a32(joined(salt, unit)))) % 10'000 / 10'000.0;
    case HashRule::fnv1a_v1: return fnv1a32(joined(unit, salt)) % 1'000 / 1'000.0;
    case HashRule::murmur3: return murmur3_32(joined(unit, salt), 1) / 0x1p32;
  }
  return 0;
}

}  // namespace cupel::ab
