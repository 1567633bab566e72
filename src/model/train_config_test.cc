#include "model/train_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "model/train_sample_internal.h"

namespace cupel::model {
namespace {

using ::testing::HasSubstr;

std::string message(std::string_view text) {
  const auto config = parse_train_config(text, "train.yaml");
  return config ? "" : config.error().text();
}

/// The sample with one piece replaced.
std::string changed(std::string_view from, std::string_view to) {
  const std::string text = replace_all(sample_config("linear"), from, to);
  EXPECT_NE(text, sample_config("linear")) << from;
  return text;
}

TEST(TrainConfig, ReadsWhatItIsToldAndFillsTheRest) {
  const auto config = parse_train_config(sample_config("linear", "parameters: {regularization: 2}\nseed: 9\nwhere: Age > 20\nminimum_rows: 5\n"), "train.yaml");
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->name, "sample");
  EXPECT_EQ(config->target.name, "Happy");
  EXPECT_EQ(config->target.place, "train.yaml:3:9");
  EXPECT_EQ(config->text.size(), 1u);
  EXPECT_EQ(config->exclusions.at(0).because, "it is empty");
  EXPECT_EQ(config->split.group, "id");
  EXPECT_DOUBLE_EQ(config->split.share, 0.25);
  EXPECT_EQ(config->parameter("regularization"), 2);
  EXPECT_EQ(config->parameter("words"), 2);
  EXPECT_EQ(config->seed, 9u);
  EXPECT_EQ(config->minimum_rows, 5);
}

TEST(TrainConfig, EveryMistakeNamesItsPlaceAndTheNearestWord) {
  EXPECT_THAT(message(changed("target:", "taget:")), HasSubstr("train.yaml:3:1: unknown key 'taget' of the training configuration (nearest: 'target')"));
  EXPECT_THAT(message(changed("numeric:", "numerical:")), HasSubstr("nearest: 'numeric'"));
  EXPECT_THAT(message(changed("because: it is empty", "reason: it is empty")), HasSubstr("unknown key 'reason' of an exclusion"));
  EXPECT_THAT(message(changed("because: it is empty", "because: \" \"")), HasSubstr("'because' is empty"));
  EXPECT_THAT(message(changed("{column: Junk, because: it is empty}", "Junk")), HasSubstr("expected {column: …, because: …}"));
  EXPECT_THAT(message(changed("share: 25%", "share: 150%")), HasSubstr("expected a share from 0% to 100%"));
  EXPECT_THAT(message(changed("share: 25%", "share: 0")), HasSubstr("expected a held-out share from 1% to 90%"));
  EXPECT_THAT(message(changed("linear", "lineer")), HasSubstr("unknown estimator 'lineer' (nearest: 'linear')"));
  EXPECT_THAT(message(changed("cupel: 1", "cupel: 2")), HasSubstr("train.yaml:1:8: format 2"));
  EXPECT_THAT(message(changed("train: sample", "train: ../sample")), HasSubstr("cannot name a model"));
  EXPECT_THAT(message(changed("target: Happy\n", "")), HasSubstr("'target' is missing"));
  EXPECT_THAT(message(sample_config("linear", "parameters: {depth: 3}\n")), HasSubstr("unknown key 'depth' of the parameters of 'linear'"));
  EXPECT_THAT(message(sample_config("trees", "parameters: {depth: 13}\n")), HasSubstr("'depth' is 13, expected a whole number from 1 to 12"));
  EXPECT_THAT(message(sample_config("trees", "parameters: {rounds: 2.5}\n")), HasSubstr("expected a whole number"));
  EXPECT_THAT(message(sample_config("linear", "seed: -1\n")), HasSubstr("'seed' is -1"));
  EXPECT_THAT(message(sample_config("linear", "minimum_rows: 0\n")), HasSubstr("expected at least 1"));
  EXPECT_THAT(message("cupel: 1\ncupel: 1\n"), HasSubstr("a second time"));
  EXPECT_THAT(message("- a\n"), HasSubstr("expected a mapping"));
  EXPECT_THAT(message(replace_all(sample_config("linear"), "linear", "trees")), HasSubstr("'trees' cannot read the text column 'Text' (`estimator: text+trees` can"));
}

TEST(TrainConfig, EveryColumnOfTheDataHasOneRole) {
  const table::Table data = sample_reviews(10, 1);
  const auto check = [&](const std::string& text) -> std::string {
    const auto config = parse_train_config(text, "train.yaml");
    if (!config) return config.error().text();
    const auto checked = check_against_schema(*config, data.schema());
    return checked ? "" : checked.error().text();
  };
  EXPECT_EQ(check(sample_config("linear")), "");
  EXPECT_THAT(check(changed("numeric: [Age]", "numeric: [Agee]")), HasSubstr("train.yaml:6:13: unknown column 'Agee' (nearest: 'Age')"));
  EXPECT_THAT(check(changed("column: Junk", "column: Age")), HasSubstr("column 'Age' is a numeric feature already"));
  EXPECT_THAT(check(changed("categorical: [Size]", "categorical: [Happy]")), HasSubstr("column 'Happy' is the target already"));
  EXPECT_THAT(check(changed("exclude:\n  - {column: Junk, because: it is empty}\n", "")),
              HasSubstr("a column of the data is not mentioned: 'Junk' (make each a feature, or exclude it with a reason)"));
  EXPECT_THAT(check(changed("group: id", "group: idd")), HasSubstr("unknown column 'idd'"));
  EXPECT_THAT(check(changed("group: id, ", "")), HasSubstr("not mentioned: 'id'"));
}

TEST(TrainConfig, ParametersHaveDefaultsWithinTheirRangesAndAreSorted) {
  std::string_view before;
  for (const ParameterInfo& info : parameters()) {
    EXPECT_LT(before, info.name);
    before = info.name;
    EXPECT_LE(info.low, info.value) << info.name;
    EXPECT_LE(info.value, info.high) << info.name;
    EXPECT_TRUE(info.linear || info.trees || info.text_and_trees) << info.name;
  }
  const auto page = read_file(fs::path(CUPEL_SOURCE_DIR) / "tests/commands/train.md");
  ASSERT_TRUE(page);
  for (const ParameterInfo& info : parameters()) EXPECT_THAT(*page, HasSubstr(fmt::format("`{}` ({}", info.name, with_thousands(static_cast<std::int64_t>(info.value))))) << info.name;
}

}  // namespace
}  // namespace cupel::model
