#include "flow/live.h"

#include <gtest/gtest.h>

namespace cupel::flow {
namespace {

TEST(StatusLine, says_what_is_left_and_what_runs) {
  EXPECT_EQ(status_line(2, 5, {{"train", 12, 40}}, {95, 0}, 100), "[2/5] about 1 min 35 s left  train 12.0 s of about 40.0 s");
  EXPECT_EQ(status_line(0, 2, {{"a", 3, 0}}, {0, 2}, 100), "[0/2]  a 3.0 s");
  EXPECT_EQ(status_line(0, 2, {{"a", 3, 10}}, {7, 1}, 100), "[0/2] over 7.0 s left  a 3.0 s of about 10.0 s");
}

TEST(StatusLine, fits_a_narrow_terminal) {
  const std::vector<Watcher::Running> running = {{"train[seed=7]", 12, 40}, {"train[seed=8]", 11, 40}, {"train[seed=9]", 10, 40}};
  EXPECT_EQ(status_line(2, 5, running, {95, 0}, 55), "[2/5] about 1 min 35 s left  train[seed=7] 12.0 s  +2");
  EXPECT_EQ(status_line(0, 3, {{"prepare_the_data", 1, 0}}, {3, 1}, 39), "[0/3] over 3.0 s left  prepare_.. 1.0 s");
  for (std::size_t width = 10; width < 120; ++width) EXPECT_LE(status_line(2, 5, running, {95, 0}, width).size(), width);
}

}  // namespace
}  // namespace cupel::flow
