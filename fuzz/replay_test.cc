// The kept inputs of every fuzz target, run in every build: what was found once stays found.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/files.h"
#include "target.h"

namespace cupel::fuzz {

void PrintTo(const Target& target, std::ostream* out) { *out << target.name; }

namespace {

fs::path corpus() { return fs::path(CUPEL_SOURCE_DIR) / "fuzz" / "corpus"; }

class FuzzReplay : public testing::TestWithParam<Target> {};

TEST_P(FuzzReplay, EveryKeptInputIsAnsweredRightly) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(corpus() / GetParam().name)) files.push_back(entry.path());
  std::ranges::sort(files);
  EXPECT_FALSE(files.empty());
  for (const fs::path& file : files) {
    SCOPED_TRACE(file.string());
    const Result<std::string> bytes = read_file(file);
    ASSERT_TRUE(bytes) << bytes.error().text();
    GetParam().run(*bytes);
  }
  GetParam().run("");
}

INSTANTIATE_TEST_SUITE_P(All, FuzzReplay, testing::ValuesIn(targets().begin(), targets().end()),
                         [](const auto& target) { return std::string(target.param.name); });

TEST(FuzzCorpus, IsSmallAndBelongsToTargets) {
  std::set<std::string> names;
  for (const Target& target : targets()) names.emplace(target.name);
  std::uintmax_t bytes = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(corpus())) {
    if (entry.is_regular_file()) bytes += entry.file_size();
    if (entry.is_directory()) {
      EXPECT_TRUE(names.contains(entry.path().filename().string())) << entry.path();
    }
  }
  EXPECT_LT(bytes, 300u << 10);
}

TEST(FuzzTargets, AreSortedByName) { EXPECT_TRUE(std::ranges::is_sorted(targets(), {}, &Target::name)); }

}  // namespace
}  // namespace cupel::fuzz
