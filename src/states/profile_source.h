#pragma once

#include <memory>
#include <vector>

#include "states/table_profile.h"
#include "table/batch.h"
#include "table/table.h"

namespace cupel::states {

/// The rows of a profile's columns, told again from the exact counts of their values: every value as often as it occurred, in order of first
/// appearance, nulls last. So whatever a state finds out about one column without regard to the order of its rows it finds out here, too,
/// exactly. Columns are not aligned with each other, and row numbers mean nothing. A requested column whose counts are not exact is an error.
class ProfileSource : public table::BatchSource {
 public:
  explicit ProfileSource(Profile profile) : profile_(std::move(profile)), schema_(profile_.schema()) {}
  const Profile& profile() const { return profile_; }
  /// Columns of which sketches are kept are shown by scans from now on as their nulls and their two ends, each as often as it takes for the number of
  /// rows: for questions about nulls and about being constant alone.
  void stand_in_for_sketches() { stands_in_ = true; }
  const table::Schema& schema() const override { return schema_; }
  Result<std::int64_t> scan(std::span<const table::ColumnRequest> requests, table::ChunkVisitor& visitor, const table::ScanOptions& options) override;
  Result<Origin> origin() override;

 private:
  Profile profile_;
  bool stands_in_ = false;
  table::Schema schema_;
};

}  // namespace cupel::states
