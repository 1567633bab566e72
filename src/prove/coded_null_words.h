#pragma once

#include <string>
#include <vector>

#include "prove/candidate.h"

namespace cupel::prove {

/// A value that stands for a missing one by habit, and what speaks for it.
struct CodedNull {
  std::string value;     ///< as the data have it
  std::string evidence;  ///< "in 412 of 10,000 rows (4.12 %), the least value; the next is 18"
};

/// Of a column of text: words such as `unknown`, `n/a`, `-`, `?` in any case, with spaces around or not. Of a column of numbers: -1, -9, 99, -999 …, where
/// the value is the least (negative, all others are not) or the greatest (more than twice the next one). Only what stands in more than 0.2 % of the rows and at
/// least twice; ordered by frequency.
std::vector<CodedNull> coded_null_words(const Seen& seen, int field);

}  // namespace cupel::prove
