#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "table/batch.h"

namespace cupel::states {

/// Memory that one state may use before it becomes approximate, where it can.
inline constexpr std::int64_t k_state_bytes = std::int64_t{64} << 20;

/// The rows of a batch that a filter keeps: one byte a row (1 = kept), or null pointer for all.
struct Selection {
  const std::uint8_t* kept = nullptr;
  bool contains(std::int64_t row) const { return kept == nullptr || kept[row] != 0; }
};

/// A mergeable summary of one or more columns. Laws, held by the law suite for every state: an empty state is the identity of merge;
/// merging the states of consecutive parts in order equals one pass; bytes round-trip; hostile bytes are refused.
class State {
 public:
  virtual ~State() = default;
  /// Takes the kept rows of the next batch in row order.
  virtual void update(const table::Batch& batch, Selection rows) = 0;
  /// Adds a state of the same kind and parameters that saw the rows after this one's. CHECKs the kind.
  virtual void merge(const State& later) = 0;
  /// Name and version of its byte form: "moments/1".
  virtual std::string_view format() const = 0;
  virtual void write(std::string& out) const = 0;
  /// Replaces the content by bytes of the same format; an error leaves the state empty.
  virtual Result<void> read(std::string_view bytes) = 0;
  /// The scan is over and memory is scarce: what can be kept in a file goes there, so that later scans and walks find room.
  virtual void put_away() {}
  /// Why the state is incomplete (a full disk under what did not fit in memory); a scan that leaves such a state fails.
  virtual std::optional<Error> problem() const { return std::nullopt; }
};

}  // namespace cupel::states
