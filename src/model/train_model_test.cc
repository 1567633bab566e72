#include "model/train_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/json.h"
#include "base/text.h"
#include "model/train_logistic.h"
#include "model/train_sample_internal.h"

namespace cupel::model {
namespace {

using ::testing::HasSubstr;

TrainConfig config_of(std::string_view estimator, std::string_view further = "minimum_rows: 200\n") {
  const auto config = parse_train_config(sample_config(estimator, further), "train.yaml");
  EXPECT_TRUE(config) << config.error().text();
  return *config;
}

Result<Trained> train(const TrainConfig& config, table::Table& table, int threads = 1) {
  TrainOptions options;
  options.threads = threads;
  options.tool_version = "test";
  options.data_path = "sample.csv";
  return train_model(config, table, options);
}

double metric(const Trained& trained, std::string_view name) {
  for (const TrainedMetric& entry : trained.held_out) {
    if (entry.name == name) return entry.measured.value;
  }
  return 0;
}

const std::vector<std::string> k_estimators{"linear", "trees", "text+trees"};

TEST(TrainModel, EveryEstimatorLearnsAndGivesTheSameBytesOnAnyNumberOfThreads) {
  table::Table data = sample_reviews(3000, 1);
  for (const std::string& estimator : k_estimators) {
    const TrainConfig config = config_of(estimator, "minimum_rows: 200\n" + std::string(estimator == "linear" ? "" : "parameters: {rounds: 40}\n"));
    const auto one = train(config, data, 1), three = train(config, data, 3);
    ASSERT_TRUE(one) << estimator << ": " << one.error().text();
    ASSERT_TRUE(three);
    EXPECT_EQ(one->onnx, three->onnx) << estimator;
    EXPECT_GT(metric(*one, "auc"), estimator == "trees" ? 0.55 : 0.68) << estimator;
    EXPECT_EQ(one->held_out.size(), metrics().size());
    EXPECT_EQ(one->rows.training.size() + one->rows.held_out.size(), 3000u);
    const auto card = parse_json(one->model_json, "model.json");
    ASSERT_TRUE(card);
    EXPECT_EQ(card->at("exclusions")[0].at("because"), "it is empty");
    EXPECT_EQ(card->at("data").at("split").at("by"), "id");
    EXPECT_TRUE(card->at("metrics").at("held_out").at("auc").contains("low"));
    EXPECT_FALSE(card->contains("injected"));
  }
}

TEST(TrainModel, TheCardIsReadBackAndFindsTheHeldOutRows) {
  table::Table data = sample_reviews(1500, 2);
  const auto trained = train(config_of("linear"), data);
  ASSERT_TRUE(trained);
  const auto card = parse_model_card(trained->model_json, "model.json");
  ASSERT_TRUE(card) << card.error().text();
  EXPECT_EQ(card->classes, (std::vector<std::string>{"no", "yes"}));
  EXPECT_EQ(card->positive, "yes");
  EXPECT_EQ(card->target, "Happy");
  EXPECT_EQ(card->excluded, std::vector<std::string>{"Junk"});
  const auto held = rows_of_part(*card, data, Part::held_out);
  ASSERT_TRUE(held);
  EXPECT_EQ(*held, trained->rows.held_out);
  EXPECT_EQ(*rows_of_part(*card, data, Part::training), trained->rows.training);
  EXPECT_EQ(rows_of_part(*card, data, Part::all)->size(), 1500u);
}

TEST(TrainModel, TheWholeGraphComputesWhatTheTrainingDoesOnEveryRow) {
  table::Table data = sample_reviews(2000, 3);
  const TrainConfig config = config_of("linear");
  std::vector<std::int64_t> rows(2000);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int64_t>(i);
  const auto features = make_features(config, data, rows, 2);
  ASSERT_TRUE(features);
  const SparseMatrix matrix = linear_matrix(*features);
  std::vector<double> coefficients(matrix.num_columns() + 1);
  for (std::size_t i = 0; i < coefficients.size(); ++i) coefficients[i] = std::sin(static_cast<double>(i));
  GraphBuilder graph;
  const GraphInputs inputs = add_inputs(graph, features->plan);
  graph.output(graph.cast(add_linear_score(graph, features->plan, inputs, coefficients), GraphBuilder::Element::double_number, "s"), "value",
               GraphBuilder::Element::double_number, 0);
  const auto predictor = Predictor::load(graph.bytes({}), "linear");
  ASSERT_TRUE(predictor) << predictor.error().text();
  const auto scores = predictor->score(data);
  ASSERT_TRUE(scores) << scores.error().text();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const double expected = matrix.row_product(row, coefficients, 0, matrix.num_columns()) + coefficients.back();
    ASSERT_NEAR(scores->values[row], expected, 2e-6) << row;  // the matrix holds floats
  }
}

TEST(TrainModel, AModelFromASegmentTellsIt) {
  table::Table data = sample_reviews(2000, 4);
  const auto trained = train(config_of("linear", "minimum_rows: 200\nwhere: Age >= 40\n"), data);
  ASSERT_TRUE(trained) << trained.error().text();
  const auto age = data.column("Age");
  for (const std::int64_t row : trained->rows.training) EXPECT_GE(age->as_number(row), 40);
  EXPECT_EQ(parse_json(trained->model_json, "")->at("data").at("segment"), "Age >= 40");
}

std::string refusal(const TrainConfig& config, table::Table& data, ErrorKind kind = ErrorKind::invalid) {
  const auto trained = train(config, data);
  if (trained) return "trained";
  EXPECT_EQ(trained.error().kind, kind) << trained.error().text();
  return trained.error().text();
}

/// The sample with a column replaced by a constant, by nothing, or with one value changed.
table::Table with_constant(const table::Table& data, int field, std::string_view value) {
  table::ColumnBuilder column(table::Type::text);
  for (std::int64_t row = 0; row < data.num_rows(); ++row) {
    if (value.empty()) column.append_null();
    else column.append(value);
  }
  return data.with_column(field, std::move(column));
}

TEST(BadTrainingData, ATargetOfOneClass) {
  table::Table data = with_constant(sample_reviews(1000, 1), 5, "yes");
  EXPECT_EQ(refusal(config_of("linear"), data), "train.yaml:3:9: the target 'Happy' has one class, 'yes' in all 1,000 rows, expected two");
}

TEST(BadTrainingData, ATargetOfManyClassesOrAnotherPositiveOne) {
  table::Table data = sample_reviews(1000, 1);
  TrainConfig config = config_of("linear");
  config.positive = "ja";
  config.positive_place = "train.yaml:4:11";
  EXPECT_EQ(refusal(config, data), "train.yaml:4:11: 'positive' is 'ja', the target 'Happy' is 'no' or 'yes'");
  const auto by_size = parse_train_config("cupel: 1\ntrain: s\ntarget: Size\nfeatures: {numeric: [Age]}\nwhere: Size is not null\nexclude: [{column: Junk, because: x}, {column: Text, because: x}, "
                                          "{column: Happy, because: x}, {column: id, because: x}]\n", "t.yaml");
  ASSERT_TRUE(by_size) << by_size.error().text();
  TrainConfig sized = *by_size;
  sized.minimum_rows = 100;
  EXPECT_THAT(refusal(sized, data), HasSubstr("the target 'Size' has 4 classes ('L', 'M', 'S', …), expected two"));
}

TEST(BadTrainingData, ATargetThatIsMissing) {
  table::Table data = sample_reviews(1000, 1);
  table::ColumnBuilder column(table::Type::text);
  const table::Column before = *data.column("Happy");
  for (std::int64_t row = 0; row < 1000; ++row) {
    if (row == 17 || row == 400) column.append_null();
    else column.append_from(before, row);
  }
  data = data.with_column(5, std::move(column));
  EXPECT_EQ(refusal(config_of("linear"), data), "train.yaml:3:9: the target 'Happy' is null in 2 rows (first: row 17) (`where` can leave them out)");
}

TEST(BadTrainingData, AFeatureWithoutAnyValue) {
  for (const auto& [field, name] : {std::pair{1, "Age"}, {2, "Size"}, {3, "Text"}}) {
    table::Table data = with_constant(sample_reviews(1000, 1), field, "");
    EXPECT_THAT(refusal(config_of("linear"), data), HasSubstr(fmt::format("column '{}' is null in all", name)));
  }
}

TEST(BadTrainingData, TextWhereNumbersAreNeededAndTheOtherWayRound) {
  table::Table data = with_constant(sample_reviews(1000, 1), 1, "old");
  EXPECT_THAT(refusal(config_of("linear"), data), HasSubstr("train.yaml:6:13: column 'Age' is of type text ('old' in row 0), the model takes numbers there"));
  table::Table numbers = sample_reviews(1000, 1);
  table::ColumnBuilder column(table::Type::integer);
  for (std::int64_t row = 0; row < 1000; ++row) column.append(row);
  numbers = numbers.with_column(3, std::move(column));
  EXPECT_THAT(refusal(config_of("linear"), numbers), HasSubstr("column 'Text' is of type integer, expected text"));
}

TEST(BadTrainingData, TooFewRowsAreAnErrorOfTheirOwnKind) {
  table::Table data = sample_reviews(900, 1);
  EXPECT_EQ(refusal(config_of("linear", ""), data, ErrorKind::too_little_data), "900 rows, fewer than the 1,000 that the training needs");
  EXPECT_EQ(exit_status(ErrorKind::too_little_data), 75);
  table::Table more = sample_reviews(2000, 1);
  TrainOptions options;
  options.orders.first_rows = 900;
  const auto induced = train_model(config_of("linear", ""), more, options);
  ASSERT_FALSE(induced);
  EXPECT_EQ(induced.error().kind, ErrorKind::too_little_data);
  EXPECT_THAT(refusal(config_of("linear", "minimum_rows: 10\nminimum_rows_per_class: 500\n"), data, ErrorKind::too_little_data), HasSubstr("fewer than the 500 that are needed"));
  table::Table none = data.take({});
  EXPECT_EQ(refusal(config_of("linear"), none), "the data has no rows");
}

TEST(TrainModel, AnInducedLimitOfRowsIsMarked) {
  table::Table data = sample_reviews(2000, 1);
  TrainOptions options;
  options.orders.first_rows = 1200;
  const auto trained = train_model(config_of("linear"), data, options);
  ASSERT_TRUE(trained) << trained.error().text();
  const auto card = parse_json(trained->model_json, "");
  EXPECT_EQ(card->at("injected"), "train=rows:1200");
  EXPECT_EQ(card->at("data").at("rows"), 1200);
}

/// Stops a training the way a kill would: what is on the disk is all that stays.
TEST(TrainModel, ATrainingThatStoppedAnywhereEndsWithTheBytesOfAnUndisturbedOne) {
  table::Table data = sample_reviews(1500, 5);
  for (const std::string& estimator : k_estimators) {
    const TrainConfig config = config_of(estimator, "minimum_rows: 200\n" + std::string(estimator == "linear" ? "" : "parameters: {rounds: 30}\n"));
    const auto undisturbed = train(config, data);
    ASSERT_TRUE(undisturbed);
    auto folder = ScratchFolder::make(fs::temp_directory_path(), "training");
    ASSERT_TRUE(folder);
    TrainOptions options;
    options.tool_version = "test";
    options.data_path = "sample.csv";
    options.orders.checkpoint_folder = folder->path();
    // Every state that was ever durable, taken while an undisturbed training goes on.
    std::vector<std::string> states;
    options.progress = [&](double, std::string_view) {
      if (auto bytes = read_file(folder->path() / "training.checkpoint"); bytes && (states.empty() || states.back() != *bytes)) states.push_back(std::move(*bytes));
    };
    ASSERT_TRUE(train_model(config, data, options));
    EXPECT_FALSE(fs::exists(folder->path() / "training.checkpoint")) << "a finished training leaves nothing behind";
    ASSERT_GE(states.size(), 4u) << estimator;
    options.progress = {};
    for (const std::string& state : states) {
      ASSERT_TRUE(write_file(folder->path() / "training.checkpoint", state));
      const auto resumed = train_model(config, data, options);
      ASSERT_TRUE(resumed) << resumed.error().text();
      EXPECT_GT(resumed->resumed_at, 0);
      EXPECT_EQ(resumed->onnx, undisturbed->onnx) << estimator << " resumed at " << resumed->resumed_at;
    }
    // Damaged, or of another training: not used.
    std::string damaged = states.back();
    damaged[damaged.size() / 2] ^= 1;
    for (const std::string& bytes : {damaged, states.back().substr(0, 100), std::string("x")}) {
      ASSERT_TRUE(write_file(folder->path() / "training.checkpoint", bytes));
      const auto anew = train_model(config, data, options);
      ASSERT_TRUE(anew);
      EXPECT_EQ(anew->resumed_at, 0);
      EXPECT_EQ(anew->onnx, undisturbed->onnx);
    }
    TrainConfig other = config;
    other.seed = 99;
    ASSERT_TRUE(write_file(folder->path() / "training.checkpoint", states.back()));
    const auto foreign = train_model(other, data, options);
    ASSERT_TRUE(foreign);
    EXPECT_EQ(foreign->resumed_at, 0);
  }
}

TEST(TrainModel, ACheckpointIntervalIsAShareATimeOrSteps) {
  using Unit = CheckpointInterval::Unit;
  const auto read = [](std::string_view text) {
    const auto every = parse_checkpoint_interval(text);
    return every ? std::pair(every->unit, every->amount) : std::pair(Unit::percent, -1.0);
  };
  EXPECT_EQ(read("2.5%"), std::pair(Unit::percent, 2.5));
  EXPECT_EQ(read("30s"), std::pair(Unit::seconds, 30.0));
  EXPECT_EQ(read("2m"), std::pair(Unit::seconds, 120.0));
  EXPECT_EQ(read("10"), std::pair(Unit::steps, 10.0));
  for (const char* wrong : {"", "%", "0", "-1s", "101%", "nan", "inf", "ten", "10 s%", "5d"}) EXPECT_EQ(read(wrong).second, -1) << wrong;
  EXPECT_EQ(parse_checkpoint_interval("5d").error().message,
            "'5d' is no interval, expected a share of the training such as 4%, a time such as 30s or 2m, or a number of steps such as 10");

  table::Table data = sample_reviews(1500, 5);
  const TrainConfig config = config_of("trees", "minimum_rows: 200\nparameters: {rounds: 30}\n");
  const auto saves = [&](std::string_view interval) {
    auto folder = ScratchFolder::make(fs::temp_directory_path(), "training");
    EXPECT_TRUE(folder);
    TrainOptions options;
    options.orders.checkpoint_folder = folder->path();
    options.orders.every = *parse_checkpoint_interval(interval);
    std::set<std::string> states;
    options.progress = [&](double, std::string_view) {
      if (auto bytes = read_file(folder->path() / "training.checkpoint")) states.insert(std::move(*bytes));
    };
    EXPECT_TRUE(train_model(config, data, options));
    return states.size();
  };
  EXPECT_GE(saves("1"), 30u) << "one a round";
  EXPECT_GT(saves("1"), saves("10"));
  EXPECT_EQ(saves("1h"), 0u);
  EXPECT_GE(saves("0.000001s"), 30u);
}

}  // namespace
}  // namespace cupel::model
