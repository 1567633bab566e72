#include "model/train_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "model/onnx_session.h"
#include "table/table.h"

namespace cupel::model {
namespace {

using ::testing::ElementsAre;

table::ColumnBuilder texts(const std::vector<std::string>& rows) {
  table::ColumnBuilder column(table::Type::text);
  for (const std::string& row : rows) {
    if (row == "<null>") column.append_null();
    else column.append(std::string_view(row));
  }
  return column;
}

Words words_of(const std::vector<std::string>& rows, int threads = 1) {
  const table::ColumnBuilder column = texts(rows);
  std::vector<std::int64_t> positions(rows.size());
  std::iota(positions.begin(), positions.end(), 0);
  auto words = read_words(column.view(), positions, threads);
  EXPECT_TRUE(words);
  return std::move(*words);
}

std::vector<std::string> row_words(const Words& words, std::size_t row) {
  std::vector<std::string> all;
  for (const std::uint32_t word : words.row(row)) all.push_back(words.dictionary[word]);
  return all;
}

TEST(Words, AreRunsOfLettersAndDigitsOfAnyScriptInLowerCase) {
  const Words words = words_of({"Good DRESS", "", "<null>", "   ", "it's a\nb\r\n\"q\"", "😀 good 😀dress", "ÉTÉ Œuvre", "e\u0301t", "中文 字", "42 3.5", "a_b-c"});
  EXPECT_THAT(row_words(words, 0), ElementsAre("good", "dress"));
  for (const std::size_t empty : {1u, 2u, 3u}) EXPECT_TRUE(row_words(words, empty).empty());
  EXPECT_THAT(row_words(words, 4), ElementsAre("it", "s", "a", "b", "q"));
  EXPECT_THAT(row_words(words, 5), ElementsAre("good", "dress"));
  EXPECT_THAT(row_words(words, 6), ElementsAre("été", "œuvre"));
  EXPECT_THAT(row_words(words, 7), ElementsAre("e\u0301t"));
  EXPECT_THAT(row_words(words, 8), ElementsAre("中文", "字"));
  EXPECT_THAT(row_words(words, 9), ElementsAre("42", "3", "5"));
  EXPECT_THAT(row_words(words, 10), ElementsAre("a", "b", "c"));
}

TEST(Words, DoNotDependOnThreads) {
  std::vector<std::string> rows;
  for (int i = 0; i < 3000; ++i) rows.push_back(fmt::format("word{} next{} Same", i, i % 17));
  const Words one = words_of(rows, 1), three = words_of(rows, 3);
  EXPECT_EQ(one.dictionary, three.dictionary);
  EXPECT_EQ(one.words, three.words);
}

TEST(Vocabulary, KeepsWhatStandsInEnoughRowsAndCountsARowOnce) {
  const Words words = words_of({"good dress", "good good dress bad", "bad", "rare good dress"});
  const Vocabulary two = find_vocabulary(words, 2, 2, 1000);
  EXPECT_THAT(two.words, ElementsAre("bad", "dress", "good"));
  EXPECT_THAT(two.pairs, ElementsAre(std::pair(2u, 1u)));  // "good dress" in three rows; "dress bad" in one
  EXPECT_TRUE(find_vocabulary(words, 1, 2, 1000).pairs.empty());
  EXPECT_THAT(find_vocabulary(words, 2, 3, 1000).words, ElementsAre("dress", "good"));
}

TEST(Vocabulary, WhenThereIsTooMuchKeepsTheMostFrequentAndNoneByAccident) {
  const Words words = words_of({"a b c", "a b", "a d"});
  // Rows: a 3, b 2, (a b) 2, c 1, d 1, (b c) 1, (a d) 1.
  const Vocabulary three = find_vocabulary(words, 2, 1, 3);
  EXPECT_THAT(three.words, ElementsAre("a", "b"));
  EXPECT_EQ(three.pairs.size(), 1u);
  const Vocabulary two = find_vocabulary(words, 2, 1, 2);  // b and (a b) tie for the second place: neither
  EXPECT_THAT(two.words, ElementsAre("a"));
  EXPECT_TRUE(two.pairs.empty());
}

TEST(Grams, AreCountsOverTheRootOfTheNumberOfWords) {
  const Words words = words_of({"good dress good dress", "good unknownword dress", ""});
  Vocabulary vocabulary;
  vocabulary.words = {"dress", "good"};
  vocabulary.pairs = {{1, 0}};
  const GramRows grams = count_grams(words, vocabulary);
  EXPECT_THAT(grams.row_starts, ElementsAre(0u, 3u, 5u, 5u));
  EXPECT_THAT(grams.grams, ElementsAre(0u, 1u, 2u, 0u, 1u));  // an unknown word between them: no pair
  EXPECT_FLOAT_EQ(grams.values[0], 1.0f);                     // 2 / sqrt(4)
  EXPECT_FLOAT_EQ(grams.values[3], static_cast<float>(1 / std::sqrt(3.0)));
}

TEST(TextScore, TheGraphComputesWhatTheTrainingDoes) {
  const std::vector<std::string> rows{"good dress", "", "<null>", "Not GOOD, dress good dress", "unknown words only", "dress", std::string(3000, 'x') + " good", "good\n\"dress\"", "😀"};
  const Words words = words_of(rows);
  const Vocabulary vocabulary = find_vocabulary(words, 2, 1, 100);
  std::vector<double> weights;
  for (std::size_t i = 0; i < vocabulary.num_grams(); ++i) weights.push_back(std::sin(static_cast<double>(i + 1)) * 3);
  const GramRows grams = count_grams(words, vocabulary);

  GraphBuilder graph;
  const GraphBuilder::Value input = graph.text_input("text");
  graph.output(add_text_score(graph, input, vocabulary, weights), "score", GraphBuilder::Element::double_number, 0);
  const auto session = OnnxSession::make(graph.bytes({}), "score");
  ASSERT_TRUE(session) << session.error().text();
  std::vector<std::string_view> views;
  for (const std::string& row : rows) views.push_back(row == "<null>" ? std::string_view() : std::string_view(row));
  const InputTensor tensor{{static_cast<std::int64_t>(rows.size()), 1}, views, {}, {}};
  const std::size_t wanted[] = {0};
  const auto together = session->run(std::span(&tensor, 1), wanted);
  ASSERT_TRUE(together);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    double expected = 0;
    for (std::size_t k = grams.row_starts[row]; k < grams.row_starts[row + 1]; ++k) expected += static_cast<double>(grams.values[k]) * weights[grams.grams[k]];
    EXPECT_NEAR((*together)[0].numbers[row], expected, 1e-6) << rows[row].substr(0, 40);  // training keeps its values as floats
    const InputTensor alone{{1, 1}, std::span(views).subspan(row, 1), {}, {}};
    const auto by_itself = session->run(std::span(&alone, 1), wanted);
    ASSERT_TRUE(by_itself);
    EXPECT_EQ((*by_itself)[0].numbers[0], (*together)[0].numbers[row]) << "the same to the last bit, whatever the batch";
  }
}

}  // namespace
}  // namespace cupel::model
