#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/train_graph.h"
#include "table/column.h"

namespace cupel::model {

/// The words of some rows of a text column, as the numbers of a dictionary.
struct Words {
  std::vector<std::size_t> row_starts{0};  ///< rows + 1
  std::vector<std::uint32_t> words;        ///< one after the other
  std::vector<std::string> dictionary;     ///< in order of first appearance
  std::size_t num_rows() const { return row_starts.size() - 1; }
  std::span<const std::uint32_t> row(std::size_t i) const { return std::span(words).subspan(row_starts[i], row_starts[i + 1] - row_starts[i]); }
};

/// What a model knows of a text column: words, and pairs of words that follow one another.
struct Vocabulary {
  std::vector<std::string> words;                               ///< in byte order
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;   ///< of numbers of `words`, in order
  std::size_t num_grams() const { return words.size() + pairs.size(); }
};

/// The graph's nodes that turn a text input into lower-case words: a tensor [rows, most words of a row], short rows filled with "".
/// A word is a run of letters, marks and digits of any script; letters are lowered as Unicode does without a language.
GraphBuilder::Value add_words(GraphBuilder& graph, const GraphBuilder::Value& input);

/// The words of the column's rows at `rows`, by running those very nodes in ONNX Runtime. Null rows have none.
Result<Words> read_words(const table::Column& column, std::span<const std::int64_t> rows, int threads);

/// Words and, with `longest` 2, pairs that stand in at least `minimum_rows` rows; if more than `maximum`, those in the most rows.
Vocabulary find_vocabulary(const Words& words, int longest, std::int64_t minimum_rows, std::size_t maximum);

/// Known grams of each row: number of the gram (pairs after words) and its count divided by the square root of the row's number of words
/// (known or not), so that a text's length does not decide how much it says.
struct GramRows {
  std::vector<std::size_t> row_starts{0};
  std::vector<std::uint32_t> grams;
  std::vector<float> values;
};
GramRows count_grams(const Words& words, const Vocabulary& vocabulary);

/// The nodes that answer with the weighted sum of a row's grams, divided by the square root of its number of words: a double a row.
/// Weights are kept as whole multiples of 2^-32: sums of whole numbers do not depend on their order, on a batch's width or on threads.
GraphBuilder::Value add_text_score(GraphBuilder& graph, const GraphBuilder::Value& input, const Vocabulary& vocabulary, std::span<const double> weights);

/// A weight as a whole multiple of 2^-32, and back.
std::int64_t fixed_point(double weight);
constexpr double k_fixed_point_unit = 1.0 / 4294967296.0;

}  // namespace cupel::model
