// The predictor on files of every kind; here, because these tests write their models with the graph builder of the training.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "model/predictor.h"
#include "model/row_batches.h"
#include "model/train_boosting.h"
#include "model/train_model.h"
#include "model/train_sample_internal.h"

namespace cupel::model {
namespace {

using ::testing::HasSubstr;
using Element = GraphBuilder::Element;

const Trained& trained_sample() {
  static const Trained k_trained = [] {
    table::Table data = sample_reviews(2000, 1);
    auto config = parse_train_config(sample_config("linear"), "train.yaml");
    auto trained = train_model(*config, data, {});
    EXPECT_TRUE(trained) << trained.error().text();
    return std::move(*trained);
  }();
  return k_trained;
}

/// value = Age + 1, by hand: a regressor from elsewhere.
std::string regressor() {
  GraphBuilder graph;
  const auto age = graph.number_input("Age");
  const auto sum = graph.node("Add", {graph.cast(age, Element::double_number, "double"), graph.number(1)}, "plus_one");
  graph.output(sum, "variable", Element::double_number, 1);
  return graph.bytes({});
}

/// Three classes by the letter of Size; `named` keeps their names in the metadata.
std::string three_classes(bool named) {
  GraphBuilder graph;
  const auto size = graph.text_input("Size");
  const std::vector<std::string> keys{"S", "M", "L"};
  std::vector<GraphBuilder::Value> columns;
  for (std::size_t k = 0; k < 3; ++k) {
    std::vector<float> values(3, 0.125f);
    values[k] = 0.75f;
    columns.push_back(graph.node("LabelEncoder", {size}, "p", {{"default_float", 0.25f}, {"keys_strings", keys}, {"values_floats", values}}, GraphBuilder::Domain::ml));
  }
  graph.output(graph.node("Concat", columns, "all", {{"axis", std::int64_t{1}}}), "probabilities", Element::float_number, 3);
  return graph.bytes(named ? std::vector<std::pair<std::string, std::string>>{{"cupel.classes", R"(["small", "medium", "large"])"}} : std::vector<std::pair<std::string, std::string>>{});
}

TEST(Predictor, ModelsFromElsewhereAreWelcome) {
  const table::Table data = sample_reviews(50, 1);
  const auto numbers = Predictor::load(regressor(), "r.onnx");
  ASSERT_TRUE(numbers) << numbers.error().text();
  EXPECT_FALSE(numbers->is_classifier());
  const std::vector<std::int64_t> first{0, 1, 2};
  table::ColumnBuilder ages(table::Type::integer);
  for (const std::int64_t age : {20, 30, 40}) ages.append(age);
  const auto values = numbers->score(data.take(first).with_column(1, std::move(ages)));
  ASSERT_TRUE(values) << values.error().text();
  EXPECT_EQ(values->values, (std::vector<double>{21, 31, 41}));

  const auto classes = Predictor::load(three_classes(true), "c.onnx");
  ASSERT_TRUE(classes) << classes.error().text();
  EXPECT_EQ(classes->classes(), (std::vector<std::string>{"small", "medium", "large"}));
  const auto scores = classes->score(data);
  ASSERT_TRUE(scores);
  const table::Column size = *data.column("Size");
  for (std::int64_t row = 0; row < 50; ++row) {
    const std::size_t expected = size.is_null(row) || size.text(row) == "S" || size.text(row) == "XL" ? 0 : size.text(row) == "M" ? 1 : 2;
    EXPECT_EQ(scores->labels[static_cast<std::size_t>(row)], expected) << row;  // without a label of its own: the likeliest, the first of equals
  }
  EXPECT_EQ(Predictor::load(three_classes(false), "c.onnx")->classes(), (std::vector<std::string>{"0", "1", "2"}));
}

TEST(Predictor, AnAnswerThatIsNoNumberIsAnErrorThatNamesTheRow) {
  const table::Table data = sample_reviews(200, 1);
  const auto numbers = Predictor::load(regressor(), "r.onnx");
  ASSERT_TRUE(numbers);
  const auto scores = numbers->score(data);  // Age is null in some rows
  ASSERT_FALSE(scores);
  std::int64_t first = 0;
  while (!data.column("Age")->is_null(first)) ++first;
  EXPECT_EQ(scores.error().message, fmt::format("r.onnx: the answer for row {} is not a finite number", first));
}

TEST(Predictor, AMissingColumnAndAWrongTypeAreNamed) {
  const auto predictor = Predictor::load(trained_sample().onnx, "model.onnx");
  ASSERT_TRUE(predictor) << predictor.error().text();
  table::Schema schema;
  schema.fields = {{"Agee", table::Type::number, {}}};
  std::vector<table::ColumnBuilder> columns;
  columns.emplace_back(table::Type::number);
  const auto missing = predictor->score(table::Table(schema, std::move(columns)));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "the data has no column 'Age', which the model reads (nearest: 'Agee')");
  table::Table data = sample_reviews(20, 1);
  table::ColumnBuilder ages(table::Type::text);
  for (int row = 0; row < 20; ++row) row == 0 ? ages.append_null() : ages.append(std::string_view("old"));
  const auto wrong = predictor->score(data.with_column(1, std::move(ages)));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "column 'Age' is of type text ('old' in row 1), the model takes numbers there");
  // A column without any value has no type of its own.
  table::ColumnBuilder none(table::Type::text);
  for (int row = 0; row < 20; ++row) none.append_null();
  EXPECT_TRUE(predictor->score(data.with_column(1, std::move(none))));
  EXPECT_EQ(predictor->score(data.take({}))->num_rows, 0);
}

TEST(Predictor, ScoresDoNotDependOnThreadsBatchesOrNeighbours) {
  const table::Table data = sample_reviews(3000, 7);
  const auto predictor = Predictor::load(trained_sample().onnx, "model.onnx");
  ASSERT_TRUE(predictor);
  const auto all = predictor->score(data);
  ASSERT_TRUE(all);
  const auto threaded = predictor->score(data, {.threads = 4});
  const auto cut = predictor->score(data, {.threads = 2, .batch_rows = 7});
  EXPECT_EQ(all->probabilities, threaded->probabilities);
  EXPECT_EQ(all->probabilities, cut->probabilities);
  EXPECT_EQ(all->labels, cut->labels);
}

TEST(Predictor, OddTextsAreScored) {
  const auto predictor = Predictor::load(trained_sample().onnx, "model.onnx");
  ASSERT_TRUE(predictor);
  std::string monster;
  for (int i = 0; i < 200000; ++i) monster += i % 2 == 0 ? "good " : "soft ";
  const std::vector<std::string> odd{"", " ", "😀😀", "good\r\n\"dress\"", monster, std::string(1000000, 'x'), "日本語テキスト", "\ufeffgood", "a\u0301\u0301\u0301", "good"};
  table::ColumnBuilder texts(table::Type::text);
  for (const std::string& text : odd) texts.append(std::string_view(text));
  const std::vector<std::int64_t> rows(odd.size(), 3);
  const auto scores = predictor->score(sample_reviews(10, 1).take(rows).with_column(3, std::move(texts)));
  ASSERT_TRUE(scores) << scores.error().text();
  EXPECT_EQ(scores->probability(0, 1), scores->probability(1, 1)) << "no words, no difference";
  EXPECT_EQ(scores->probability(7, 1), scores->probability(9, 1)) << "a byte order mark is no letter";
}

TEST(Predictor, ATruncatedOrAlteredFileIsAnErrorOrAModelAndNeverACrash) {
  const std::string& whole = trained_sample().onnx;
  for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 150) {
    const auto loaded = Predictor::load(std::string_view(whole).substr(0, size), "cut.onnx");
    ASSERT_FALSE(loaded) << size;
    EXPECT_EQ(loaded.error().kind, ErrorKind::corrupt) << loaded.error().text();
    EXPECT_THAT(loaded.error().message, HasSubstr("cut.onnx: "));
  }
  const table::Table data = sample_reviews(20, 1);
  Random random(5, "altered model");
  for (int i = 0; i < 300; ++i) {
    std::string altered = whole;
    for (int k = 0; k < 3; ++k) altered[random.below(altered.size())] = static_cast<char>(random.below(256));
    if (const auto loaded = Predictor::load(altered, "altered.onnx")) (void)loaded->score(data);
  }
}

TEST(Boosting, TheGraphAnswersAsXGBoostDoes) {
  auto config = parse_train_config(sample_config("trees", "parameters: {rounds: 30, depth: 5}\n"), "t.yaml");
  ASSERT_TRUE(config);
  const table::Table data = sample_reviews(1500, 9);
  const auto rows = choose_rows(*config, data, std::nullopt, 1);
  ASSERT_TRUE(rows);
  const auto features = make_features(*config, data, rows->training, 1);
  ASSERT_TRUE(features) << features.error().text();
  const std::vector<float> matrix = tree_matrix(*features, {});
  auto boosting = Boosting::make(*config, matrix, num_tree_columns(features->plan), rows->labels, 1);
  ASSERT_TRUE(boosting) << boosting.error().text();
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(boosting->round());
  const auto expected = boosting->margins(matrix, num_tree_columns(features->plan));
  ASSERT_TRUE(expected) << expected.error().text();

  GraphBuilder graph;
  const GraphInputs inputs = add_inputs(graph, features->plan);
  const auto score = boosting->add_score(graph, add_tree_columns(graph, features->plan, inputs));
  ASSERT_TRUE(score);
  graph.output(*score, "value", Element::double_number, 0);
  const auto predictor = Predictor::load(graph.bytes({}), "trees");
  ASSERT_TRUE(predictor) << predictor.error().text();
  const auto answers = predictor->score(data.take(rows->training));
  ASSERT_TRUE(answers) << answers.error().text();
  for (std::size_t row = 0; row < expected->size(); ++row) ASSERT_NEAR(answers->values[row], static_cast<double>((*expected)[row]), 1e-6) << row;
}

TEST(Batches, AreCutByRowsAndByTheLongestText) {
  const auto cut = [](std::vector<std::size_t> bytes, std::size_t most) { return cut_batches(bytes.size(), most, [&](std::size_t row) { return bytes[row]; }); };
  EXPECT_TRUE(cut({}, 3).empty());
  EXPECT_EQ(cut({1, 1, 1, 1}, 3), (std::vector<std::size_t>{3, 4}));
  EXPECT_EQ(cut({1, 9u << 20, 1, 1}, 3), (std::vector<std::size_t>{1, 2, 4}));
  EXPECT_EQ(cut({2u << 20, 2u << 20, 1}, 10), (std::vector<std::size_t>{2, 3}));
}

}  // namespace
}  // namespace cupel::model
