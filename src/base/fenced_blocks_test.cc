#include "base/fenced_blocks.h"

#include <gtest/gtest.h>

namespace cupel {
namespace {

TEST(FencedBlocks, GivesEachBlockWithItsPlace) {
  const std::string page = "# a\n```csv reference\nx,y\n1,2\n```\nwords\n```\n```\n";
  const auto blocks = fenced_blocks(page);
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks[0].language, "csv reference");
  EXPECT_EQ(blocks[0].text, "x,y\n1,2\n");
  EXPECT_EQ(page.substr(blocks[0].begin, blocks[0].end - blocks[0].begin), blocks[0].text);
  EXPECT_EQ(blocks[1].language, "");
  EXPECT_EQ(blocks[1].text, "");
}

TEST(FencedBlocks, LeavesOutWhatIsNeverClosed) {
  EXPECT_TRUE(fenced_blocks("no block").empty());
  EXPECT_TRUE(fenced_blocks("```yaml").empty());
  EXPECT_TRUE(fenced_blocks("```yaml\na: 1\n").empty());
}

}  // namespace
}  // namespace cupel
