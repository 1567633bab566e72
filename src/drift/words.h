#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "drift/levels.h"
#include "drift/units.h"
#include "table/column.h"

namespace cupel::drift {

/// A word that the two samples use differently: the share of rows that hold it.
struct WordShift {
  std::string word;
  double reference = 0;
  double current = 0;
};

/// Does the choice of words tell the samples apart? A naive Bayes classifier of reference against current is fitted on half of the units
/// (chosen by seed, blind to the side) and scores the rows of the other half; any test of the scores is then a test of the texts, and
/// calibrated whatever the classifier is worth. A row's score is the sum over its distinct words of
///   log((c + 5 C/N) / C) - log((r + 5 R/N) / R)      (c of C current and r of R reference rows hold the word, N = C + R)
/// divided by the root of their number; words in fewer than 5 of the fitted rows are ignored.
struct WordScores {
  Levels levels;                  ///< of the scores of the tested rows, reference first; nulls absent
  Units units;                    ///< of the tested rows
  std::vector<WordShift> shifts;  ///< of the tested rows, what separates most first; at most 5
  std::int64_t vocabulary = 0;
};
WordScores word_scores(const table::Column& reference, const table::Column& current, const Units& units, std::uint64_t seed);

/// Words of a text: runs of ASCII letters, digits and inner apostrophes, and of any other Unicode characters, in ASCII lower case.
std::vector<std::string> words_of(std::string_view text);
/// Their number for each row; NaN for nulls.
std::vector<double> word_counts(const table::Column& column);

}  // namespace cupel::drift
