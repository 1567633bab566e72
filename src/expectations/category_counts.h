#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "expectations/data_check.h"
#include "states/tally.h"
#include "suite/suite.h"

namespace cupel::expectations {

/// Asks for the tally of a column.
int need_tally(states::Plan& plan, table::ColumnRequest column, const Planning& planning);

/// Stated shares of values: `like: {Tops: 44.6%, …}`.
struct StatedShares {
  std::vector<std::string> values;
  std::vector<double> shares;

  /// Reads the predicate's mapping. Errors: no mapping, or shares that add up to 0 or to more than 100 % (but for rounding).
  static Result<StatedShares> read(const suite::Expectation& expectation);
};

/// Counts of the same categories on both sides of a comparison.
struct StatedCounts {
  std::vector<std::int64_t> observed;
  std::vector<double> expected;       ///< shares; they add up to about 1
  std::int64_t unlisted = 0;          ///< rows with a value that is not stated
  bool leaves_a_rest = false;         ///< the stated shares leave something for other values
  bool has_other = false;             ///< the last category is all values that are not stated
};
/// What the table leaves out is one more category; a table that adds up (but for rounding) leaves nothing.
StatedCounts count_stated(const StatedShares& stated, const states::Tally& tally);

/// The categories that two samples have.
struct PairedCounts {
  std::vector<std::string> first_values;  ///< of the first few, for a picture
  std::vector<std::int64_t> here;
  std::vector<std::int64_t> there;
};
/// Error: so many different values that they are no categories.
Result<PairedCounts> pair_counts(const states::Tally& here, const states::Tally& there, std::size_t num_values);

}  // namespace cupel::expectations
