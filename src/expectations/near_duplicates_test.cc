#include "expectations/near_duplicates.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace cupel::expectations {
namespace {

/// Pairs of texts of `words` words: the second has its first `changed` words replaced.
std::vector<std::string> pairs(std::size_t count, int words, int changed) {
  std::vector<std::string> texts;
  for (std::size_t pair = 0; pair < count; ++pair) {
    Random random(11, "pairs", pair);
    std::string first;
    std::string second;
    for (int i = 0; i < words; ++i) {
      const std::string word = "w" + std::to_string(random.below(1'000'000'000)) + " ";
      first += word;
      second += i < changed ? "x" + std::to_string(random.below(1'000'000'000)) + " " : word;
    }
    texts.push_back(first);
    texts.push_back(second);
  }
  return texts;
}

// With shingles of one word and 12 of 110 words changed, 98 of 122 are common: 0.8033.
TEST(NearDuplicates, AreFoundAtTheThresholdWithTheStatedRecall) {
  const auto texts = pairs(3000, 110, 12);
  const Shingles shingles{Shingles::Of::words, 1};
  ASSERT_NEAR(jaccard(shingles_of(texts[0], shingles), shingles_of(texts[1], shingles)), 98.0 / 122, 1e-12);
  const auto found = find_resemblances(texts.size(), [&](std::size_t i) { return std::string_view(texts[i]); }, shingles, 0.8);
  int recalled = 0;
  for (std::size_t i = 0; i < texts.size(); i += 2) {
    EXPECT_FALSE(found[i]);
    recalled += found[i + 1] && found[i + 1]->earlier == i ? 1 : 0;
  }
  // 99.9 % of 3,000 are 3 missed; 12 would be five standard deviations off.
  EXPECT_GE(recalled, 2988);
}

TEST(NearDuplicates, BelowTheThresholdAreNeverReported) {
  const auto texts = pairs(2000, 110, 13);  // 97 / 123 = 0.789
  const auto found = find_resemblances(texts.size(), [&](std::size_t i) { return std::string_view(texts[i]); }, {Shingles::Of::words, 1}, 0.8);
  for (const auto& one : found) EXPECT_FALSE(one);
}

TEST(NearDuplicates, AreThoseOfAllPairsComparedOneByOne) {
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i < 400; ++i) {
    Random random(12, "texts", i % 130);
    Random change(13, "changes", i);
    std::string text;
    for (int word = 0; word < 40; ++word) {
      const std::uint64_t shared = random.below(500);
      text += " " + std::to_string(change.uniform() < 0.02 ? 500 + change.below(500) : shared);
    }
    texts.push_back(text);
  }
  for (const double similarity : {0.5, 0.8, 0.95}) {
    const Shingles shingles{Shingles::Of::words, 3};
    const auto found = find_resemblances(texts.size(), [&](std::size_t i) { return std::string_view(texts[i]); }, shingles, similarity);
    int missed = 0;
    int all = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      bool like = false;
      for (std::size_t j = 0; j < i && !like; ++j) like = jaccard(shingles_of(texts[i], shingles), shingles_of(texts[j], shingles)) >= similarity;
      all += like ? 1 : 0;
      missed += like && !found[i] ? 1 : 0;
      EXPECT_FALSE(!like && found[i]) << "a false one";
    }
    EXPECT_GT(all, 5) << similarity;
    EXPECT_LE(missed, 1) << similarity;
  }
}

TEST(NearDuplicates, BandsRecallAtLeastWhatIsPromised) {
  for (double similarity = 0.3; similarity <= 1; similarity += 0.01) {
    const Banding banding = banding_for(similarity);
    EXPECT_GE(banding.recall, 0.999) << similarity;
    EXPECT_LE(banding.bands * banding.rows, 128);
  }
}

TEST(Shingles, OfATextAreItsRuns) {
  EXPECT_EQ(shingles_of("a b c d", {Shingles::Of::words, 3}).size(), 2u);
  EXPECT_EQ(shingles_of("A, b; C! d", {Shingles::Of::words, 3}), shingles_of("a b c d", {Shingles::Of::words, 3}));
  EXPECT_EQ(shingles_of("a b", {Shingles::Of::words, 3}).size(), 1u);
  EXPECT_TRUE(shingles_of("!?", {Shingles::Of::words, 3}).empty());
  EXPECT_EQ(shingles_of(" Ab \t cd ", {Shingles::Of::characters, 5}), shingles_of("ab cd", {Shingles::Of::characters, 5}));
  EXPECT_EQ(jaccard(shingles_of("a b c d", {Shingles::Of::words, 1}), shingles_of("b c d e", {Shingles::Of::words, 1})), 3.0 / 5);
}

}  // namespace
}  // namespace cupel::expectations
