#include "states/sorted_runs.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>

#include "base/random.h"

namespace cupel::states {
namespace {

std::vector<std::int64_t> drawn(std::size_t count, std::uint64_t below) {
  Random random(1, "runs");
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(static_cast<std::int64_t>(random.below(below)));
  return values;
}

template <typename Record>
std::vector<Record> walked(const SortedRuns<Record>& runs) {
  std::vector<Record> all;
  runs.for_each([&](const Record& record) { all.push_back(record); });
  return all;
}

// Limits from two records to all of them: the order is that of std::sort, with and without a file.
TEST(SortedRuns, AreInOrderWhateverFitsInMemory) {
  std::vector<std::int64_t> values = drawn(5000, 700);
  std::vector<std::int64_t> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  for (const std::int64_t limit : {1, 100, 1000, 8 * 4999, 8 * 5000, 1 << 20}) {
    SortedRuns<std::int64_t> runs(limit);
    for (const std::int64_t value : values) runs.add(value);
    EXPECT_EQ(runs.is_spilled(), limit < 8 * 5000) << limit;
    EXPECT_EQ(runs.size(), 5000);
    EXPECT_EQ(walked(runs), sorted) << limit;
    EXPECT_EQ(walked(runs), sorted) << "a second walk";
    EXPECT_FALSE(runs.problem());
  }
}

TEST(SortedRuns, TakeOthersInAndLeaveThemAsTheyWere) {
  for (const std::int64_t limit : {100, 1 << 20}) {
    SortedRuns<std::int64_t> first(limit);
    SortedRuns<std::int64_t> second(limit);
    for (std::int64_t i = 0; i < 300; ++i) first.add(2 * i), second.add(600 - 2 * i);
    const SortedRuns<std::int64_t> before = second;
    first.add_all(second, [](std::int64_t value) { return value + 1; });
    first.add(-5);
    std::vector<std::int64_t> expected{-5};
    for (std::int64_t i = 0; i < 600; ++i) expected.push_back(i);
    expected.push_back(601);
    expected.erase(std::find(expected.begin(), expected.end(), 1));
    EXPECT_EQ(walked(first), expected);
    EXPECT_EQ(walked(second), walked(before));
    EXPECT_EQ(second.size(), 300);
  }
}

TEST(SortedRuns, SeveralWalksAreUnderWayAtATime) {
  SortedRuns<std::int64_t> runs(64);
  for (std::int64_t i = 99; i >= 0; --i) runs.add(i);
  auto ahead = runs.ascending();
  std::int64_t value = -1;
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(ahead.next(value));
  auto behind = runs.ascending();
  ASSERT_TRUE(behind.next(value));
  EXPECT_EQ(value, 0);
  ASSERT_TRUE(ahead.next(value));
  EXPECT_EQ(value, 50);
}

// A file that may not grow stands for a full disk.
TEST(SortedRuns, AFullDiskIsAProblemThatIsTold) {
  ASSERT_NE(std::signal(SIGXFSZ, SIG_IGN), SIG_ERR);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit little{4096, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &little), 0);
  SortedRuns<std::int64_t> runs(2048);
  for (std::int64_t i = 0; i < 5000; ++i) runs.add(i);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_TRUE(runs.problem());
  EXPECT_TRUE(runs.problem()->message.starts_with("cannot write '")) << runs.problem()->message;
  EXPECT_NE(runs.problem()->hint.find("$TMPDIR"), std::string::npos);
}

}  // namespace
}  // namespace cupel::states
