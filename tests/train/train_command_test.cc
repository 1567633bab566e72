#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>

#include "base/files.h"
#include "base/json.h"
#include "base/random.h"
#include "base/text.h"

namespace cupel {
namespace {

using ::testing::HasSubstr;

struct Ran {
  int status = -1;
  std::string out;
  std::string err;
};

constexpr std::string_view k_config =
    "cupel: 1\ntrain: notes\ntarget: Happy\npositive: 1\nfeatures: {numeric: [Age], categorical: [Shop], text: [Note]}\n"
    "split: {group: Product, salt: notes, share: 25%}\nestimator: linear\nseed: 3\n";

/// CSV of made-up notes: odd texts among them, every 9th age and every 7th note missing.
std::string notes(int rows) {
  static const std::vector<std::string> k_odd{"", "\"😀 good, \"\"very\"\" good\"", "\"two\nlines\r\nbad\"", "\"ÉTÉ, très bad\"", "...", "日本語 good"};
  std::string csv = "Product,Age,Shop,Note,Happy\n";
  for (int row = 0; row < rows; ++row) {
    Random random(11, "notes", static_cast<std::uint64_t>(row));
    const bool happy = random.below(3) != 0;
    std::string note = row % 31 == 5 ? k_odd[random.below(k_odd.size())] : row % 7 == 0 ? "" : happy == (random.below(8) != 0) ? "a good soft dress" : "bad and itchy";
    csv += fmt::format("{},{},{},{},{}\n", random.below(200), row % 9 == 0 ? "" : std::to_string(18 + random.below(50)), random.below(2) == 0 ? "North" : "South", note, happy ? 1 : 0);
  }
  // One very long note.
  csv += "5,30,North,";
  for (int i = 0; i < 20000; ++i) csv += i % 3 == 0 ? "good " : "bad ";
  return csv + ",1\n";
}

class TrainCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    auto folder = ScratchFolder::make(fs::temp_directory_path(), "train_command");
    ASSERT_TRUE(folder) << folder.error().text();
    folder_.emplace(std::move(*folder));
    write("train.yaml", k_config);
    write("data.csv", notes(2000));
  }

  fs::path path(std::string_view name) const { return folder_->path() / name; }
  void write(std::string_view name, std::string_view bytes) { ASSERT_TRUE(write_file(path(name), bytes)); }
  std::string read(std::string_view name) const { return read_file(path(name)).value_or(""); }

  /// `cupel WORDS` in the folder; `environment` such as "A=b".
  Ran cupel(const std::string& words, const std::string& environment = "") {
    return shell(fmt::format("env {} '{}/bin/cupel' {}", environment, CUPEL_BINARY_DIR, words));
  }
  Ran shell(const std::string& command) {
    std::FILE* pipe = ::popen(fmt::format("cd '{}' && exec {} 2>stderr.txt", folder_->path().string(), command).c_str(), "r");
    Ran ran;
    if (pipe == nullptr) return ran;
    char buffer[4096];
    for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) ran.out.append(buffer, got);
    const int status = ::pclose(pipe);
    ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    ran.err = read("stderr.txt");
    return ran;
  }

  /// This status and message, and nothing new in the folder.
  void expect_refused(const std::string& words, std::string_view message, int status = 2) {
    const Ran ran = cupel(words);
    EXPECT_EQ(ran.status, status) << words << "\n" << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(message)) << words;
    for (const auto& entry : fs::directory_iterator(folder_->path())) {
      const std::string name = entry.path().filename().string();
      EXPECT_FALSE(name.starts_with("out") || name.starts_with(".") || name.find("XXXX") != std::string::npos) << name << " was left behind by " << words;
    }
  }

  std::optional<ScratchFolder> folder_;
};

TEST_F(TrainCommand, WritesAModelThatPredictReadsAndTheSameBytesAgain) {
  const Ran ran = cupel("train train.yaml --data data.csv -o model --threads 2");
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("notes (linear)"));
  const auto card = parse_json(read("model/model.json"), "model.json");
  ASSERT_TRUE(card);
  EXPECT_EQ(card->at("data").at("rows"), 2001);
  EXPECT_THAT(card->at("data").at("digest").get<std::string>(), ::testing::MatchesRegex("sha256:[0-9a-f]{64}"));
  const std::string first = read("model/model.onnx");
  ASSERT_EQ(cupel("train train.yaml --data data.csv -o model --threads 1 --quiet").status, 0) << "an earlier model is replaced";
  EXPECT_EQ(read("model/model.onnx"), first);
  ASSERT_EQ(cupel("train train.yaml --data data.csv -o other --seed 4").status, 0);
  EXPECT_NE(read("other/model.onnx"), first) << "the seed is part of the file";

  const Ran predicted = cupel("predict model --data data.csv -o out.csv --keep Product --part held_out");
  ASSERT_EQ(predicted.status, 0) << predicted.err;
  const std::string scores = read("out.csv");
  EXPECT_TRUE(scores.starts_with("row,prediction,probability,Product\n"));
  EXPECT_EQ(std::count(scores.begin(), scores.end(), '\n') - 1, card->at("data").at("split").at("held_out_rows").get<std::int64_t>());
}

TEST_F(TrainCommand, AKilledTrainingGoesOnAndEndsWithTheBytesOfAnUndisturbedOne) {
  for (const std::string estimator : {"linear", "text+trees"}) {
    write("train.yaml", replace_all(std::string(k_config), "linear", estimator) + (estimator == "linear" ? "" : "parameters: {rounds: 30}\n"));
    ASSERT_EQ(cupel("train train.yaml --data data.csv -o undisturbed").status, 0);
    for (const int percent : {30, 50, 80}) {
      fs::create_directory(path("checkpoint"));
      const Ran killed = cupel("train train.yaml --data data.csv -o out", fmt::format("CUPEL_CHECKPOINT_DIR=checkpoint CUPEL_INJECT_KILL_AT={}", percent));
      EXPECT_EQ(killed.status, 128 + 9) << killed.err;
      EXPECT_FALSE(fs::exists(path("out"))) << "whole or not at all";
      const Ran resumed = cupel("train train.yaml --data data.csv -o out", "CUPEL_CHECKPOINT_DIR=checkpoint");
      ASSERT_EQ(resumed.status, 0) << resumed.err;
      EXPECT_THAT(resumed.err, HasSubstr("went on from a checkpoint at")) << estimator << percent;
      EXPECT_EQ(read("out/model.onnx"), read("undisturbed/model.onnx")) << estimator << " killed at " << percent;
      fs::remove_all(path("out"));
      fs::remove_all(path("checkpoint"));
    }
  }
}

TEST_F(TrainCommand, TooFewRecordsEndWithStatus75) {
  expect_refused("train train.yaml --data data.csv -o out --where 'Age > 60'", "fewer than the 1,000 that the training needs", 75);
  const Ran induced = cupel("train train.yaml --data data.csv -o out", "CUPEL_INJECT_ROWS=900");
  EXPECT_EQ(induced.status, 75);
  EXPECT_THAT(induced.err, HasSubstr("900 rows, fewer than the 1,000"));
  EXPECT_FALSE(fs::exists(path("out")));
}

TEST_F(TrainCommand, MistakesAreRefusedAndNothingStaysBehind) {
  expect_refused("train missing.yaml --data data.csv -o out", "missing file 'missing.yaml'");
  expect_refused("train train.yaml --data missing.csv -o out", "missing file 'missing.csv'");
  expect_refused("train train.yaml --data data.csv", "--output");
  write("bad.yaml", replace_all(std::string(k_config), "Note]", "Notes]"));
  expect_refused("train bad.yaml --data data.csv -o out", "bad.yaml:5:56: unknown column 'Notes' (nearest: 'Note')");
  write("bad.yaml", replace_all(std::string(k_config), "seed", "sead"));
  expect_refused("train bad.yaml --data data.csv -o out", "bad.yaml:8:1: unknown key 'sead'");
  write("bad.yaml", replace_all(std::string(k_config), ", categorical: [Shop]", ""));
  expect_refused("train bad.yaml --data data.csv -o out", "a column of the data is not mentioned: 'Shop'");
  write("bad.yaml", replace_all(std::string(k_config), "numeric: [Age], categorical: [Shop]", "numeric: [Age, Shop]"));
  expect_refused("train bad.yaml --data data.csv -o out", "column 'Shop' is of type text ('North' in row 0), the model takes numbers there");
  write("empty.csv", "");
  expect_refused("train train.yaml --data empty.csv -o out", "is empty");
  write("header.csv", "Product,Age,Shop,Note,Happy\n");
  expect_refused("train train.yaml --data header.csv -o out", "the data has no rows");
  write("one.csv", replace_all(notes(1500), ",0\n", ",1\n"));
  expect_refused("train train.yaml --data one.csv -o out", "train.yaml:3:9: the target 'Happy' has one class");
  std::string nulls = "Product,Age,Shop,Note,Happy\n";
  for (int i = 0; i < 1200; ++i) nulls += fmt::format("{},,North,good,{}\n", i, i % 2);
  write("null.csv", nulls);
  expect_refused("train train.yaml --data null.csv -o out", "column 'Age' is null in all");
}

TEST_F(TrainCommand, AnOutputThatCannotBeWrittenIsFoundBeforeTheTraining) {
  write("file", "x");
  expect_refused("train train.yaml --data data.csv -o file", "'file' is there already and no folder");
  expect_refused("train train.yaml --data data.csv -o file/below", "file");
  fs::create_directory(path("full"));
  write("full/notes.txt", "mine");
  expect_refused("train train.yaml --data data.csv -o full", "holds 'notes.txt', expected a new folder or an earlier model");
  EXPECT_EQ(read("full/notes.txt"), "mine");
}

TEST_F(TrainCommand, PredictRefusesWhatIsNoModelAndDataThatDoNotFit) {
  ASSERT_EQ(cupel("train train.yaml --data data.csv -o model").status, 0);
  const std::string whole = read("model/model.onnx");
  write("cut.onnx", std::string_view(whole).substr(0, whole.size() / 2));
  expect_refused("predict cut.onnx --data data.csv -o out.csv", "cut.onnx: not an ONNX model, or one that is cut off");
  expect_refused("predict data.csv --data data.csv -o out.csv", "not an ONNX model");
  std::string altered = whole;
  altered[altered.size() / 2] ^= 1;
  write("model/model.onnx", altered);
  expect_refused("predict model --data data.csv -o out.csv", "sha256");
  write("model/model.onnx", whole);
  write("other.csv", "Product,Agee,Shop,Note\n1,30,North,good\n");
  expect_refused("predict model --data other.csv -o out.csv", "the data has no column 'Age', which the model reads (nearest: 'Agee')");
  write("words.csv", "Product,Age,Shop,Note\n1,30,North,good\n2,old,North,good\n");
  expect_refused("predict model --data words.csv -o out.csv", "column 'Age' holds the text 'old' (row 1), the model takes numbers there");
  expect_refused("predict model --data data.csv -o out.csv --keep Prodct", "unknown column 'Prodct' (nearest: 'Product')");
  expect_refused("predict model --data data.csv -o out.csv --part heldout", "unknown part 'heldout' (nearest: 'held_out')");
  expect_refused("predict model --data data.csv -o missing/folder/../../file/x.csv --where 'Agee > 1'", "nearest: 'Age'");
}

/// Trains on the table, scores its held-out part, and lets plain Python ONNX Runtime score it too.
class PlainOnnxRuntime : public TrainCommand {
 protected:
  void compare(const std::string& config, const std::string& data) {
    const char* python = std::getenv("CUPEL_PYTHON");
    if (python == nullptr || *python == '\0') GTEST_SKIP() << "SKIPPED: no Python with ONNX Runtime (CMake variable CUPEL_PYTHON): the model was not compared with plain ONNX Runtime";
    const Ran trained = cupel(fmt::format("train {} --data '{}' -o model", config, data));
    ASSERT_EQ(trained.status, 0) << trained.err;
    ASSERT_EQ(cupel(fmt::format("predict model --data '{}' -o scores.csv --part held_out", data)).status, 0);
    const Ran compared = shell(fmt::format("'{}' '{}/tests/train/compare_onnxruntime.py' model/model.onnx '{}' scores.csv", python, CUPEL_SOURCE_DIR, data));
    EXPECT_EQ(compared.status, 0) << compared.out << compared.err;
    std::printf("%s", compared.out.c_str());
    // The comparison can fail: one score that is off by 0.00001.
    const std::string scores = read("scores.csv");
    const auto lines = split(scores, '\n');
    const auto fields = split(lines[1], ',');
    write("scores.csv", replace_all(scores, fmt::format("{}\n", lines[1]), fmt::format("{},{},{}\n", fields[0], fields[1], exact_text(*parse_number(fields[2]) - 1e-5))));
    EXPECT_EQ(shell(fmt::format("'{}' '{}/tests/train/compare_onnxruntime.py' model/model.onnx '{}' scores.csv", python, CUPEL_SOURCE_DIR, data)).status, 1);
  }
};

TEST_F(PlainOnnxRuntime, GivesTheSameScoresOnOddTexts) {
  write("all.yaml", replace_all(std::string(k_config), "share: 25%", "share: 60%") + "minimum_rows: 100\n");
  compare("all.yaml", "data.csv");
}

TEST_F(PlainOnnxRuntime, GivesTheSameScoresOfTreesOverTexts) {
  write("trees.yaml", replace_all(std::string(k_config), "linear", "text+trees") + "minimum_rows: 100\nparameters: {rounds: 60}\n");
  compare("trees.yaml", "data.csv");
}

TEST_F(PlainOnnxRuntime, GivesTheSameScoresOverTheWholeHeldOutPartOfTheReviews) {
  const char* folder = std::getenv("CUPEL_DATA_DIR");
  const fs::path data = (folder != nullptr ? fs::path(folder) : fs::path(CUPEL_SOURCE_DIR) / "../shared/data") / "womens_clothing_reviews.csv";
  if (!fs::exists(data)) GTEST_SKIP() << "SKIPPED: no reviews (CUPEL_DATA_DIR)";
  write("reviews.yaml",
        "cupel: 1\ntrain: reviews\ntarget: Recommended IND\npositive: 1\nfeatures:\n  numeric: [Age, Positive Feedback Count]\n"
        "  categorical: [Division Name, Department Name, Class Name]\n  text: [Title, Review Text]\nexclude:\n"
        "  - {column: Rating, because: it restates the target}\n  - {column: unnamed_0, because: a number of the row}\n"
        "split: {group: Clothing ID, salt: cupel-cid, share: 20%}\n");
  compare("reviews.yaml", fs::canonical(data).string());
  if (IsSkipped()) return;
  const auto card = parse_json(read("model/model.json"), "model.json");
  ASSERT_TRUE(card);
  EXPECT_GE(card->at("metrics").at("held_out").at("auc").at("value").get<double>(), 0.945);
  EXPECT_GE(card->at("metrics").at("held_out").at("accuracy").at("value").get<double>(), 0.895);
}

}  // namespace
}  // namespace cupel
