#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/table.h"

namespace cupel::prove {

/// The clean data that limits are derived from: one sample, or several real batches in the order in which they came.
struct History {
  table::Table rows;                               ///< all of them
  std::vector<std::vector<std::int64_t>> batches;  ///< row numbers of each real batch; empty: one sample
  std::vector<std::string> names;                  ///< of the batches: file or value
  std::int64_t next_rows = 0;                      ///< of the batch that the limits are for
  std::string batch_column{};                      ///< tells the batches apart, so that nothing is expected of it; may be empty
  std::string source;                              ///< path, for people
  std::int64_t left_out = 0;                       ///< rows without a value in the batch column

  bool has_batches() const { return !batches.empty(); }
};

/// `batches_by`: a column whose values tell the batches apart, in ascending order (numbers and times by value, text bytewise); empty: one sample.
/// `next_rows` 0: the median size of the batches, or a fifth of a single sample. Errors: no rows; an unknown column; fewer than 3 batches; more
/// rows asked for than were seen.
Result<History> make_history(table::Table rows, const std::string& batches_by, std::int64_t next_rows);
/// Each table is one batch; all have the columns of the first (else an error that names the difference).
Result<History> make_history(std::vector<table::Table> batches, std::vector<std::string> names, std::int64_t next_rows);

}  // namespace cupel::prove
