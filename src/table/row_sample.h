#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/batch.h"

namespace cupel::table {

/// How much of a table a sample holds: a number of rows, or a share of them.
struct SampleSize {
  std::int64_t rows = 0;
  std::optional<double> share{};  ///< in (0, 1]; wins over `rows`

  /// `1000` or `5%`.
  static Result<SampleSize> parse(std::string_view word);
};

/// Rows drawn without replacement: those whose random number, named by (seed, row), is among the smallest. The same seed gives the same rows
/// whatever the threads and chunks, and a larger sample holds every smaller one. Row numbers stay those of the whole table.
class RowSample {
 public:
  /// Counts the rows of the source in one pass that reads no column, then fixes the threshold. A share is rounded to whole rows, at least one.
  static Result<std::shared_ptr<const RowSample>> draw(BatchSource& source, SampleSize size, std::uint64_t seed, const ScanOptions& options);

  std::int64_t rows() const { return rows_; }
  std::int64_t of_rows() const { return of_rows_; }
  std::uint64_t seed() const { return seed_; }
  /// Sets kept[i] to 1 for the sampled ones of the rows [from, from + num_rows) of a chunk, to 0 for the others.
  void mark(std::int64_t chunk, std::int64_t from, std::int64_t num_rows, std::uint8_t* kept) const;

 private:
  std::uint64_t seed_ = 0;
  std::uint64_t threshold_ = 0;  // the largest random number that is kept
  std::int64_t rows_ = 0;
  std::int64_t of_rows_ = 0;
  std::vector<std::int64_t> rows_before_;  // of each chunk
};

}  // namespace cupel::table
