#include "base/hash.h"

// Deprecated in favour of a door that looks the algorithm up at run time: that costs each process 3,000 allocations, and crashes when one
// of them fails.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <xxhash.h>

namespace cupel {

struct Sha256::Context {
  SHA256_CTX sha;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) { SHA256_Init(&context_->sha); }
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) { SHA256_Update(&context_->sha, bytes.data(), bytes.size()); }

std::string Sha256::hex_digest() {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256_Final(digest, &context_->sha);
  constexpr std::string_view k_digits = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += k_digits[byte >> 4];
    hex += k_digits[byte & 15];
  }
  return hex;
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex_digest();
}

std::uint32_t sha256_prefix(std::string_view bytes) {
  return static_cast<std::uint32_t>(std::stoul(sha256_hex(bytes).substr(0, 8), nullptr, 16));
}

Result<std::string> sha256_file(const fs::path& path) {
  ASSIGN_OR_RETURN(const MappedFile file, MappedFile::open(path));
  return sha256_hex(file.bytes());
}

std::uint64_t fast_hash(std::string_view bytes, std::uint64_t seed) { return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed); }

}  // namespace cupel
