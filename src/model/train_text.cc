#include "model/train_text.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <optional>
#include <thread>
#include <unordered_map>

#include "base/invariant.h"
#include "model/onnx_session.h"
#include "model/row_batches.h"

namespace cupel::model {
namespace {

using Value = GraphBuilder::Value;
using Attribute = GraphBuilder::Attribute;
using Domain = GraphBuilder::Domain;

constexpr std::string_view k_word = R"([\pL\pM\pN]+)";
constexpr std::size_t k_batch_rows = 256;
constexpr std::size_t k_wave = 64;  // batches in memory at a time

// Numbers of words in the graph: the filling of short rows, a word that is not known, then the known ones.
constexpr std::int64_t k_filling = 0, k_unknown = 1, k_first_known = 2;

std::string words_graph() {
  GraphBuilder graph;
  graph.output(add_words(graph, graph.text_input("text")), "words", GraphBuilder::Element::text, -1);
  return graph.bytes({});
}

/// Gives each distinct word its number.
class Dictionary {
 public:
  std::uint32_t number(std::string_view word) {
    const auto found = numbers_.find(word);
    if (found != numbers_.end()) return found->second;
    const auto next = static_cast<std::uint32_t>(numbers_.size());
    return numbers_.emplace(std::string(word), next).first->second;
  }
  std::vector<std::string> words() const {
    std::vector<std::string> all(numbers_.size());
    for (const auto& [word, number] : numbers_) all[number] = word;
    return all;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
};

void append_batch(const OutputTensor& tensor, Dictionary& dictionary, Words& words) {
  const auto width = static_cast<std::size_t>(tensor.shape[1]);
  for (std::size_t row = 0; row < static_cast<std::size_t>(tensor.shape[0]); ++row) {
    for (std::size_t i = 0; i < width; ++i) {
      const std::string_view word = tensor.text(row * width + i);
      if (word.empty()) break;
      words.words.push_back(dictionary.number(word));
    }
    words.row_starts.push_back(words.words.size());
  }
}

std::uint64_t pair_key(std::uint32_t first, std::uint32_t second) { return static_cast<std::uint64_t>(first) << 32 | second; }

/// Distinct keys with the number of rows that have them, ascending.
struct Counted {
  std::uint64_t key;
  std::int64_t rows;
};

/// `keys` are distinct within a row.
std::vector<Counted> count_keys(std::vector<std::uint64_t> keys) {
  std::ranges::sort(keys);
  std::vector<Counted> counts;
  for (const std::uint64_t key : keys) {
    if (counts.empty() || counts.back().key != key) counts.push_back({key, 0});
    ++counts.back().rows;
  }
  return counts;
}

/// Appends each distinct value of `some` to `all`; `some` is sorted on the way.
void append_distinct(std::vector<std::uint64_t>& some, std::vector<std::uint64_t>& all) {
  std::ranges::sort(some);
  const auto end = std::ranges::unique(some).begin();
  all.insert(all.end(), some.begin(), end);
}

void keep_frequent(std::vector<Counted>& words, std::vector<Counted>& pairs, std::size_t maximum) {
  if (words.size() + pairs.size() <= maximum) return;
  std::vector<std::int64_t> rows;
  for (const Counted& word : words) rows.push_back(word.rows);
  for (const Counted& pair : pairs) rows.push_back(pair.rows);
  std::ranges::nth_element(rows, rows.begin() + static_cast<std::ptrdiff_t>(maximum), std::greater<>());
  const std::int64_t least = rows[maximum] + 1;  // grams that tie with the first one left out go too: no choice by accident
  const auto rare = [least](const Counted& gram) { return gram.rows < least; };
  std::erase_if(words, rare);
  std::erase_if(pairs, rare);
}

}  // namespace

std::int64_t fixed_point(double weight) {
  CHECK(std::abs(weight) < 1e6, "weight {}", weight);
  return std::llround(weight / k_fixed_point_unit);
}

Value add_words(GraphBuilder& graph, const Value& input) {
  const Value flat = graph.node("Reshape", {input, graph.integer(-1)}, input + "/rows");
  const Value lower = graph.node("StringNormalizer", {flat}, input + "/lower",
                                 {{"case_change_action", std::string("LOWER")}, {"locale", std::string("C.UTF-8")}});
  return graph.node("Tokenizer", {lower}, input + "/words",
                    {{"mark", std::int64_t{0}}, {"mincharnum", std::int64_t{1}}, {"pad_value", std::string()}, {"tokenexp", std::string(k_word)}},
                    Domain::microsoft);
}

Result<Words> read_words(const table::Column& column, std::span<const std::int64_t> rows, int threads) {
  static const std::string k_graph = words_graph();
  ASSIGN_OR_RETURN(const OnnxSession session, OnnxSession::make(k_graph, "the words of a text"));
  const auto text_of = [&](std::int64_t row) { return column.is_null(row) ? std::string_view() : column.text(row); };
  const std::vector<std::size_t> ends = cut_batches(rows.size(), k_batch_rows, [&](std::size_t i) { return text_of(rows[i]).size(); });
  const std::size_t num_batches = ends.size();
  Words words;
  Dictionary dictionary;
  for (std::size_t wave = 0; wave < num_batches; wave += k_wave) {
    const std::size_t count = std::min(k_wave, num_batches - wave);
    std::vector<std::optional<Result<std::vector<OutputTensor>>>> results(count);
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t i = next++; i < count; i = next++) {
        const std::size_t begin = wave + i == 0 ? 0 : ends[wave + i - 1];
        std::vector<std::string_view> texts;
        for (const std::int64_t row : rows.subspan(begin, ends[wave + i] - begin)) texts.push_back(text_of(row));
        const InputTensor tensor{{static_cast<std::int64_t>(texts.size()), 1}, texts, {}, {}};
        const std::size_t wanted[] = {0};
        results[i] = session.run(std::span(&tensor, 1), wanted);
      }
    };
    {
      std::vector<std::jthread> others;
      for (int i = 1; i < threads; ++i) others.emplace_back(work);
      work();
    }
    for (auto& result : results) {
      if (!*result) return tl::unexpected<Error>(std::move(result->error()));
      append_batch(result->value()[0], dictionary, words);
    }
  }
  words.dictionary = dictionary.words();
  return words;
}

Vocabulary find_vocabulary(const Words& words, int longest, std::int64_t minimum_rows, std::size_t maximum) {
  std::vector<std::uint64_t> keys, row_keys;
  for (std::size_t i = 0; i < words.num_rows(); ++i) {
    row_keys.assign(words.row(i).begin(), words.row(i).end());
    append_distinct(row_keys, keys);
  }
  std::vector<Counted> known = count_keys(std::move(keys));
  const auto rare = [minimum_rows](const Counted& gram) { return gram.rows < minimum_rows; };
  std::erase_if(known, rare);

  std::vector<bool> is_known(words.dictionary.size(), false);
  for (const Counted& word : known) is_known[word.key] = true;
  std::vector<Counted> pairs;
  if (longest >= 2) {
    keys.clear();
    for (std::size_t i = 0; i < words.num_rows(); ++i) {
      const auto row = words.row(i);
      row_keys.clear();
      for (std::size_t k = 1; k < row.size(); ++k) {
        if (is_known[row[k - 1]] && is_known[row[k]]) row_keys.push_back(pair_key(row[k - 1], row[k]));
      }
      append_distinct(row_keys, keys);
    }
    pairs = count_keys(std::move(keys));
    std::erase_if(pairs, rare);
  }
  keep_frequent(known, pairs, maximum);

  // Numbers in byte order of the words, so that the file does not depend on which row came first.
  std::ranges::sort(known, [&](const Counted& a, const Counted& b) { return words.dictionary[a.key] < words.dictionary[b.key]; });
  std::vector<std::uint32_t> number(words.dictionary.size(), 0);
  is_known.assign(words.dictionary.size(), false);
  Vocabulary vocabulary;
  for (const Counted& word : known) {
    is_known[word.key] = true;
    number[word.key] = static_cast<std::uint32_t>(vocabulary.words.size());
    vocabulary.words.push_back(words.dictionary[word.key]);
  }
  for (const Counted& pair : pairs) {
    const auto first = static_cast<std::uint32_t>(pair.key >> 32), second = static_cast<std::uint32_t>(pair.key);
    if (is_known[first] && is_known[second]) vocabulary.pairs.emplace_back(number[first], number[second]);
  }
  std::ranges::sort(vocabulary.pairs);
  return vocabulary;
}

GramRows count_grams(const Words& words, const Vocabulary& vocabulary) {
  constexpr std::uint32_t k_none = ~0u;
  std::unordered_map<std::string_view, std::uint32_t> by_text;
  for (std::size_t i = 0; i < vocabulary.words.size(); ++i) by_text.emplace(vocabulary.words[i], static_cast<std::uint32_t>(i));
  std::vector<std::uint32_t> number(words.dictionary.size(), k_none);
  for (std::size_t i = 0; i < words.dictionary.size(); ++i) {
    const auto found = by_text.find(words.dictionary[i]);
    if (found != by_text.end()) number[i] = found->second;
  }
  std::unordered_map<std::uint64_t, std::uint32_t> pairs;
  pairs.reserve(vocabulary.pairs.size());
  for (const auto& [first, second] : vocabulary.pairs) {
    pairs.emplace(pair_key(first, second), static_cast<std::uint32_t>(vocabulary.words.size() + pairs.size()));
  }

  GramRows out;
  std::vector<std::uint32_t> grams;
  for (std::size_t i = 0; i < words.num_rows(); ++i) {
    const auto row = words.row(i);
    grams.clear();
    for (std::size_t k = 0; k < row.size(); ++k) {
      const std::uint32_t here = number[row[k]];
      if (here == k_none) continue;
      grams.push_back(here);
      const std::uint32_t before = k > 0 ? number[row[k - 1]] : k_none;
      if (before == k_none) continue;
      const auto pair = pairs.find(pair_key(before, here));
      if (pair != pairs.end()) grams.push_back(pair->second);
    }
    std::ranges::sort(grams);
    const double scale = 1 / std::sqrt(static_cast<double>(std::max<std::size_t>(row.size(), 1)));
    for (std::size_t k = 0; k < grams.size();) {
      std::size_t end = k;
      while (end < grams.size() && grams[end] == grams[k]) ++end;
      out.grams.push_back(grams[k]);
      out.values.push_back(static_cast<float>(static_cast<double>(end - k) * scale));
      k = end;
    }
    out.row_starts.push_back(out.grams.size());
  }
  return out;
}

Value add_text_score(GraphBuilder& graph, const Value& input, const Vocabulary& vocabulary, std::span<const double> weights) {
  CHECK(weights.size() == vocabulary.num_grams(), "{} weights of {} grams", weights.size(), vocabulary.num_grams());
  const auto num_words = static_cast<std::int64_t>(vocabulary.words.size());
  const auto label = [&input](std::string_view name) { return fmt::format("{}/{}", input, name); };

  std::vector<std::string> words{""};
  std::vector<std::int64_t> numbers{k_filling};
  std::vector<std::int64_t> word_weights{0, 0};
  for (std::int64_t i = 0; i < num_words; ++i) {
    words.push_back(vocabulary.words[static_cast<std::size_t>(i)]);
    numbers.push_back(i + k_first_known);
    word_weights.push_back(fixed_point(weights[static_cast<std::size_t>(i)]));
  }
  const Value ids = graph.node("LabelEncoder", {add_words(graph, input)}, label("numbers"),
                               {{"default_int64", k_unknown}, {"keys_strings", words}, {"values_int64s", numbers}}, Domain::ml);
  const Value axis = graph.integer(1);
  const Value of_words = graph.node("Gather", {graph.integers(word_weights, label("word_weights")), ids}, label("weights"));
  Value sum = graph.node("ReduceSum", {of_words, axis}, label("sum"), {{"keepdims", std::int64_t{0}}});

  if (!vocabulary.pairs.empty()) {
    const std::int64_t base = num_words + k_first_known;
    std::vector<std::int64_t> keys, pair_weights;
    for (std::size_t i = 0; i < vocabulary.pairs.size(); ++i) {
      keys.push_back((vocabulary.pairs[i].first + k_first_known) * base + vocabulary.pairs[i].second + k_first_known);
      pair_weights.push_back(fixed_point(weights[vocabulary.words.size() + i]));
    }
    const Value first = graph.node("Slice", {ids, graph.integer(0), graph.integer(-1), axis}, label("first"));
    const Value second = graph.node("Slice", {ids, graph.integer(1), graph.integer(std::int64_t{1} << 60), axis}, label("second"));
    const Value key = graph.node("Add", {graph.node("Mul", {first, graph.integer(base)}, label("shifted")), second}, label("pairs"));
    const Value of_pairs = graph.node("LabelEncoder", {key}, label("pair_weights"),
                                      {{"default_int64", std::int64_t{0}}, {"keys_int64s", keys}, {"values_int64s", pair_weights}}, Domain::ml);
    sum = graph.node("Add", {sum, graph.node("ReduceSum", {of_pairs, axis}, label("pair_sum"), {{"keepdims", std::int64_t{0}}})}, label("total"));
  }

  const Value is_word = graph.cast(graph.cast(ids, GraphBuilder::Element::boolean, label("is_word")), GraphBuilder::Element::integer, label("one_a_word"));
  const Value count = graph.cast(graph.node("ReduceSum", {is_word, axis}, label("count"), {{"keepdims", std::int64_t{0}}}),
                                 GraphBuilder::Element::double_number, label("words_of_row"));
  const Value length = graph.node("Sqrt", {graph.node("Max", {count, graph.number(1)}, label("at_least_one"))}, label("length"));
  const Value scaled = graph.node("Mul", {graph.cast(sum, GraphBuilder::Element::double_number, label("units")), graph.number(k_fixed_point_unit)}, label("scaled"));
  return graph.node("Div", {scaled, length}, label("score"));
}

}  // namespace cupel::model
