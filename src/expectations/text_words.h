#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace cupel::expectations {

/// Sentences of a text: a sentence ends at a run of terminators (. ! ? … and ؟ ।) before white space or the end, closing quotes and brackets
/// between them allowed, or at 。！？ anywhere; what is left behind the last one counts if it holds a letter or a digit. "e.g. this" has two.
double count_sentences(std::string_view text);

/// Letters, digits and combining marks of a text divided by its words as `words` counts them; 0 without a word.
double average_word_length(std::string_view text);

/// Words to look up: runs of letters, digits and combining marks, with apostrophes inside, in folded case (ICU's simple folding), a curly
/// apostrophe as a straight one.
class Vocabulary {
 public:
  void add(std::string_view text);  ///< every word of the text
  std::size_t size() const { return words_.size(); }
  /// Share of the words that are not in it; 0 for a text without a word.
  double unknown_share(std::string_view text) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view word) const { return std::hash<std::string_view>()(word); }
  };
  std::unordered_set<std::string, Hash, std::equal_to<>> words_;
};

/// A hash of every word, as Vocabulary has them, in order.
void append_word_hashes(std::string_view text, std::vector<std::uint64_t>& hashes);
/// Every character in folded case, with runs of white space as one space.
void append_folded_characters(std::string_view text, std::vector<std::uint64_t>& characters);

/// Text with everything but letters, digits and combining marks taken out, in folded case: what variants of a value have in common.
std::string bare_text(std::string_view text);

}  // namespace cupel::expectations
