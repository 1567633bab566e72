#pragma once

#include <cstdint>
#include <optional>

#include "table/batch.h"

namespace cupel::source {

/// A source that may know before a scan how many chunks it will number: several such sources can be scanned side by side, each with its numbers
/// behind those of the ones before.
class CountsChunks {
 public:
  virtual ~CountsChunks() = default;
  /// An upper bound for every scan with this chunk_bytes; nothing: not known.
  virtual std::optional<std::int64_t> most_chunks(std::int64_t chunk_bytes) const = 0;
};

inline std::optional<std::int64_t> most_chunks_of(const table::BatchSource& source, std::int64_t chunk_bytes) {
  const auto* counts = dynamic_cast<const CountsChunks*>(&source);
  return counts == nullptr ? std::nullopt : counts->most_chunks(chunk_bytes);
}

}  // namespace cupel::source
