#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/random.h"

namespace cupel::source {

enum class Tone { praise, neutral, complaint };

/// A sentence about a piece of clothing, from word lists of our own. `item` is what it is called ("dress").
std::string review_sentence(Tone tone, std::string_view item, Random& random);
/// A title of one to six words.
std::string review_title(Tone tone, std::string_view item, Random& random);

}  // namespace cupel::source
