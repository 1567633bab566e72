#include "flow/time_left.h"

#include <gtest/gtest.h>

namespace cupel::flow {
namespace {

TEST(TimeLeft, is_the_longest_chain_or_the_shared_sum) {
  // 0 → 1 → 3, 2 → 3
  const std::vector<OpenStep> steps = {{{}, 4, true, false}, {{0}, 3, true, false}, {{}, 10, true, false}, {{1, 2}, 1, true, false}};
  const std::vector<std::size_t> order = {0, 1, 2, 3};
  EXPECT_EQ(time_left(steps, order, 1).seconds, 18);
  EXPECT_EQ(time_left(steps, order, 2).seconds, 11);
  EXPECT_EQ(time_left(steps, order, 2).unknown, 0u);
}

TEST(TimeLeft, steps_that_are_done_cost_nothing_and_unknown_ones_are_counted) {
  const std::vector<OpenStep> steps = {{{}, 5, true, true}, {{0}, 0, false, false}, {{1}, 2, true, false}};
  const TimeLeft left = time_left(steps, {0, 1, 2}, 1);
  EXPECT_EQ(left.seconds, 2);
  EXPECT_EQ(left.unknown, 1u);
}

}  // namespace
}  // namespace cupel::flow
