#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace cupel::table {

// Changes of one text, UTF-8 in and out: what perturbations of a model and faults of a table are made of.

/// The characters (code points) of well-formed UTF-8, as views of it.
std::vector<std::string_view> characters(std::string_view text);

/// Unicode case mapping without a language's special rules; title: the first letter of every word upper, the others lower.
std::string upper_case(std::string_view text);
std::string lower_case(std::string_view text);
std::string title_case(std::string_view text);

/// Each character that is not a space is hit with this probability: by a neighbouring key instead (half of the hits), a neighbouring
/// key beside it, its loss (a fifth each), or an exchange with the next one (a tenth).
std::string with_typos(std::string_view text, double rate, Random& random);

/// ASCII punctuation gone.
std::string without_punctuation(std::string_view text);
/// Two spaces for one, and one at either end.
std::string with_extra_spaces(std::string_view text);
/// Quotes and apostrophes made typographic, then the UTF-8 bytes read as Windows-1252, as a wrongly decoded export is: it's -> itâ€™s.
std::string mojibake(std::string_view text);
/// The first words only: `share` of them is cut off (at least one when there is one), and the spaces before.
std::string without_last_words(std::string_view text, double share);

}  // namespace cupel::table
