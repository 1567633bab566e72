#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace cupel::expectations {

/// What two texts are compared by: overlapping runs of `size` words (folded case, punctuation left out), or of `size` characters (folded case,
/// white space as one space). A text with fewer is one run; a text without a word or character resembles none.
struct Shingles {
  enum class Of { words, characters };
  Of of = Of::words;
  int size = 3;
};

/// The sorted set of a text's shingles, as 64-bit hashes.
std::vector<std::uint64_t> shingles_of(std::string_view text, Shingles shingles);
/// Jaccard similarity of two such sets: common shingles by all shingles; 0 if one is empty.
double jaccard(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b);

/// An earlier text that one resembles.
struct Resemblance {
  std::size_t earlier = 0;
  double similarity = 0;
};

/// How many hash functions make a signature, cut into bands of so many rows: the most rows with which two texts of exactly `similarity` share a
/// band with a probability of at least 99.9 %: 1 - (1 - s^rows)^bands.
struct Banding {
  int bands = 0;
  int rows = 0;
  double recall = 0;  ///< at exactly `similarity`; higher above it
};
Banding banding_for(double similarity);

/// For each of `count` texts (asked by index) an earlier text that is at least `similarity` like it, in [0.3, 1]; nothing if none was found.
/// Candidates by MinHash (Broder 1997) and banding (Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, §3.4), each verified by the exact
/// similarity: no false one is reported, and at most one in a thousand at the threshold is missed. Where a text resembles several, it is not said which
/// is named. Deterministic: the hash functions are fixed. Memory: 8 bytes a shingle and 512 bytes a text.
std::vector<std::optional<Resemblance>> find_resemblances(std::size_t count, const std::function<std::string_view(std::size_t)>& text, Shingles shingles,
                                                          double similarity);

}  // namespace cupel::expectations
