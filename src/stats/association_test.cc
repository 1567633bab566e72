#include "stats/association.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace cupel::stats {
namespace {

// color: red red red yellow yellow green red; fruit: apple apple cherry banana banana apple apple. Truth: numpy by the definitions.
const std::vector<ContingencyCell> k_fruit = {{0, 0, 3}, {0, 1, 1}, {1, 2, 2}, {2, 0, 1}};

TEST(Association, AgreesWithTheDefinitions) {
  EXPECT_NEAR(*cramers_v(k_fruit), 0.5448623679425842, 1e-14);
  EXPECT_NEAR(*mutual_information(k_fruit), 0.6343655227589295, 1e-14);
  EXPECT_NEAR(*theils_u(k_fruit), 0.6637706341270605, 1e-14);
  EXPECT_NEAR(*predictive_power(k_fruit), 1.0 / 3, 1e-14);
}

TEST(Association, OneToOneIsWhole) {
  const std::vector<ContingencyCell> same = {{0, 0, 50}, {1, 1, 50}};
  EXPECT_NEAR(*cramers_v(same), 1, 1e-12);
  EXPECT_NEAR(*mutual_information(same), std::log(2), 1e-14);
  EXPECT_NEAR(*theils_u(same), 1, 1e-14);
  EXPECT_EQ(*predictive_power(same), 1);
}

TEST(Association, IndependentColumnsHaveNone) {
  const std::vector<ContingencyCell> independent = {{0, 0, 20}, {0, 1, 30}, {1, 0, 40}, {1, 1, 60}};
  EXPECT_EQ(*cramers_v(independent), 0);
  EXPECT_NEAR(*mutual_information(independent), 0, 1e-15);
  EXPECT_NEAR(*theils_u(independent), 0, 1e-14);
  EXPECT_EQ(*predictive_power(independent), 0);
}

TEST(Association, AKeyPredictsNothing) {
  std::vector<ContingencyCell> key;
  for (std::size_t i = 0; i < 40; ++i) key.push_back({i, i % 2, 1});
  EXPECT_EQ(*predictive_power(key), 0);
  EXPECT_NEAR(*theils_u(key), 1, 1e-14);  // which is why
}

TEST(Association, IsUndefinedWithoutVariation) {
  const std::vector<ContingencyCell> constant = {{0, 0, 5}, {1, 0, 5}};
  EXPECT_FALSE(cramers_v(constant));
  EXPECT_FALSE(theils_u(constant));
  EXPECT_FALSE(predictive_power(constant));
  EXPECT_FALSE(mutual_information({}));
}

}  // namespace
}  // namespace cupel::stats
