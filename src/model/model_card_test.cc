#include "model/model_card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cupel::model {
namespace {

using ::testing::HasSubstr;

/// Twenty rows: Shop a or b in turn, Age 0 to 19.
table::Table rows() {
  std::vector<table::ColumnBuilder> columns;
  columns.emplace_back(table::Type::text);
  columns.emplace_back(table::Type::integer);
  for (std::int64_t row = 0; row < 20; ++row) {
    columns[0].append(std::string_view(row % 2 == 0 ? "a" : "b"));
    columns[1].append(row);
  }
  table::Schema schema;
  schema.fields = {{"Shop", table::Type::text, {}}, {"Age", table::Type::integer, {}}};
  return table::Table(std::move(schema), std::move(columns));
}

TEST(ModelCard, IsOptionalInEveryPart) {
  const auto card = parse_model_card(R"({"format": 1, "something": [1], "outputs": [{"name": "p", "classes": [0, "x"]}]})", "model.json");
  ASSERT_TRUE(card);
  EXPECT_EQ(card->classes, (std::vector<std::string>{"0", "x"}));
  EXPECT_FALSE(card->split);
  EXPECT_TRUE(card->target.empty());
}

TEST(ModelCard, WhatIsNoCardIsRefused) {
  EXPECT_FALSE(parse_model_card("", "model.json"));
  EXPECT_FALSE(parse_model_card("[]", "model.json"));
  const auto share = parse_model_card(R"({"data": {"split": {"held_out": 2}}})", "model.json");
  ASSERT_FALSE(share);
  EXPECT_THAT(share.error().message, HasSubstr("model.json: data.split.held_out is 2"));
}

TEST(ModelCard, PartsOfTheSplitAndTheSegmentCoverItsRowsOnce) {
  const auto card = parse_model_card(R"({"data": {"segment": "Age < 16", "split": {"salt": "s", "held_out": 0.3}}})", "model.json");
  ASSERT_TRUE(card);
  const table::Table data = rows();
  const auto training = rows_of_part(*card, data, Part::training), held = rows_of_part(*card, data, Part::held_out);
  ASSERT_TRUE(training && held);
  EXPECT_EQ(training->size() + held->size(), 16u);
  for (const std::int64_t row : *held) EXPECT_TRUE(table::is_held_out(std::to_string(row), *card->split));
  for (const std::int64_t row : *training) EXPECT_FALSE(table::is_held_out(std::to_string(row), *card->split));
  EXPECT_EQ(rows_of_part(*card, data, Part::all)->size(), 20u);
}

TEST(ModelCard, WithoutASplitThereAreNoParts) {
  const auto part = rows_of_part({}, rows(), Part::held_out);
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().message, "the model does not say how its data was split");
  ModelCard by_group;
  by_group.split = table::HashSplit{"s", "Shopp", 0.5};
  const auto group = rows_of_part(by_group, rows(), Part::training);
  ASSERT_FALSE(group);
  EXPECT_THAT(group.error().message, HasSubstr("nearest: 'Shop'"));
  EXPECT_THAT(parse_part("heldout").error().message, HasSubstr("nearest: 'held_out'"));
}

}  // namespace
}  // namespace cupel::model
