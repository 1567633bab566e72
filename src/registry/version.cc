#include "registry/version.h"

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"

namespace cupel::registry {

std::string Version::id() const { return fmt::format("{}/{}", shorten(name, 100), number); }

std::uint64_t Version::bytes() const {
  std::uint64_t sum = 0;
  for (const StoredFile& file : files) sum += file.blob.bytes;
  return sum;
}

std::string content_digest(std::span<const StoredFile> files) {
  std::vector<std::string> lines;
  for (const StoredFile& file : files) {
    std::string line = file.role;
    line += '\0';
    line += file.path;
    line += '\0';
    line += file.blob.digest;
    line += '\n';
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  Sha256 hash;
  for (const std::string& line : lines) hash.update(line);
  return hash.hex_digest();
}

}  // namespace cupel::registry
