#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/table.h"

namespace cupel::prove {

/// How clean batches are taken from the baseline.
enum class BatchMethod {
  split,      ///< the rows are dealt into disjoint batches at random, again and again until there are enough
  bootstrap,  ///< rows drawn with replacement: the spread of batches from an endless supply, but keys come twice
  column,     ///< the real batches: the rows of each value of a column
};
std::string_view batch_method_name(BatchMethod method);

struct BatchPlan {
  BatchMethod method = BatchMethod::split;
  std::int64_t rows = 0;   ///< of a batch; not for `column`
  int count = 400;         ///< wanted; `column` has as many as there are values
  std::string column{};    ///< for `column`
  std::uint64_t seed = 1;
};

/// Clean batches of a baseline: row numbers, made once, and tables on demand. Rows of a batch keep the order of the baseline.
///
/// Batches of a split differ less than batches of new rows would, since they share one finite baseline: their variance is smaller by the share
/// that a batch has of the baseline; `share_of_baseline` says how much. A split needs at least two batches of rows.
class CleanBatches {
 public:
  /// Errors: a baseline that is smaller than the batch, or (split) than two of them; an unknown column, or one with a single value.
  static Result<CleanBatches> make(const table::Table& baseline, const BatchPlan& plan);

  int size() const { return static_cast<int>(rows_.size()); }
  const std::vector<std::int64_t>& rows(int index) const { return rows_.at(static_cast<std::size_t>(index)); }
  /// Of a batch of the method `column`: its value; else empty.
  const std::string& name(int index) const { return names_.at(static_cast<std::size_t>(index)); }
  table::Table batch(int index) const { return baseline_->take(rows(index)); }
  /// Rows of a batch; of batches of different sizes the median.
  std::int64_t batch_rows() const { return batch_rows_; }
  double share_of_baseline() const;
  const BatchPlan& plan() const { return plan_; }
  /// Rows that belong to no batch: those without a value in the batch column.
  std::int64_t left_out() const { return left_out_; }
  /// "400 batches of 2,000 rows, dealt at random from 23,486".
  std::string words() const;

 private:
  const table::Table* baseline_ = nullptr;  // outlives this
  BatchPlan plan_;
  std::vector<std::vector<std::int64_t>> rows_;
  std::vector<std::string> names_;
  std::int64_t batch_rows_ = 0;
  std::int64_t left_out_ = 0;
};

}  // namespace cupel::prove
