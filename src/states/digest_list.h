#pragma once

#include <vector>

#include "states/key_digest.h"
#include "states/row_list.h"
#include "states/state.h"

namespace cupel::states {

/// The digest of every kept row over some columns, in row order: 16 bytes a row, what it takes to compare whole tables row by row or as
/// multisets.
class DigestList : public State {
 public:
  explicit DigestList(std::vector<int> slots) : slots_(std::move(slots)) {}
  const std::vector<KeyDigest>& digests() const { return digests_; }
  /// The position in the whole table of each digest: empty where all rows were kept, and the position is the index.
  std::vector<std::int64_t> positions() const { return all_kept() ? std::vector<std::int64_t>{} : rows_.rows(); }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "digest_list/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  bool all_kept() const { return static_cast<std::int64_t>(digests_.size()) == rows_passed_; }

  std::vector<int> slots_;
  std::int64_t rows_passed_ = 0;  // all rows, kept or not
  std::vector<KeyDigest> digests_;
  RowList rows_;
  RowDigests batch_;  // scratch
};

}  // namespace cupel::states
