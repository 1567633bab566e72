#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/files.h"
#include "base/result.h"

namespace cupel {

/// Incremental SHA-256 (FIPS 180-4).
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  ~Sha256();
  void update(std::string_view bytes);
  /// 64 lower-case hexadecimal digits; the object is spent afterwards.
  std::string hex_digest();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Lower-case hexadecimal SHA-256 of the bytes.
std::string sha256_hex(std::string_view bytes);
/// The first four bytes of SHA-256 as a big-endian number: the split and assignment rule
/// `int(sha256(text).hexdigest()[:8], 16)`, reproducible in any language.
std::uint32_t sha256_prefix(std::string_view bytes);
Result<std::string> sha256_file(const fs::path& path);

/// XXH3 64 bit: for hash tables and sketches, never for identity.
std::uint64_t fast_hash(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace cupel
