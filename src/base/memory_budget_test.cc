#include "base/memory_budget.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "base/byte_size.h"

namespace cupel {
namespace {

class Budget : public testing::Test {
 protected:
  void SetUp() override { before_ = budget.limit(); }
  void TearDown() override {
    budget.limit_to(before_);
    EXPECT_EQ(budget.used(), 0);
  }
  MemoryBudget& budget = MemoryBudget::of_process();

 private:
  std::int64_t before_ = 0;
};

TEST_F(Budget, IsSharedByAllHoldersAndGivenBackByEach) {
  {
    MemoryShare a;
    a.hold(3 << 20);
    MemoryShare copy = a;
    EXPECT_EQ(budget.used(), 6 << 20);
    const MemoryShare moved = std::move(copy);
    EXPECT_EQ(budget.used(), 6 << 20);
    a = moved;
    EXPECT_EQ(budget.used(), 6 << 20);
    a.hold(0);
    EXPECT_EQ(budget.used(), 3 << 20);
  }
  EXPECT_EQ(budget.used(), 0);
}

// Beyond the budget the larger ones give up, the small ones never: twenty holders that obey stay near it.
TEST_F(Budget, LargeHoldersGiveUpWhenItIsUsedUp) {
  budget.limit_to(64 << 20);
  std::vector<MemoryShare> shares(20);
  std::vector<std::int64_t> bytes(20, 0);
  int given_up = 0;
  for (int round = 0; round < 400; ++round) {
    for (std::size_t i = 0; i < shares.size(); ++i) {
      bytes[i] += 256 << 10;
      if (!shares[i].hold(bytes[i])) {
        EXPECT_GT(bytes[i], 1 << 20);
        shares[i].hold(bytes[i] = 0);
        ++given_up;
      }
      EXPECT_LE(budget.used(), 66 << 20);
    }
  }
  EXPECT_GT(given_up, 20);
}

// In a child whose address space is limited.
TEST_F(Budget, DefaultsToHalfOfTheAddressSpaceThatIsLeft) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit limit{1 << 30, 1 << 30};
    if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(3);
    const std::int64_t bytes = MemoryBudget::default_limit();
    _exit(bytes > (100 << 20) && bytes < (512 << 20) ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(ByteSize, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_byte_size("512M"), std::int64_t{512} << 20);
  EXPECT_EQ(parse_byte_size("1.5G"), std::int64_t{3} << 29);
  EXPECT_EQ(parse_byte_size("64 K"), 64 << 10);
  EXPECT_EQ(parse_byte_size("1000"), 1000);
  for (const char* text : {"", "G", "-1M", "0", "nan", "inf", "2T", "1e300", "1 2M"}) EXPECT_FALSE(parse_byte_size(text)) << text;
}

}  // namespace
}  // namespace cupel
