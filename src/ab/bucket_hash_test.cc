#include "ab/bucket_hash.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ab/assignment.h"
#include "stats/chi_square.h"

namespace cupel::ab {
namespace {

TEST(BucketHash, GrowthBooksVectorsOfBothVersionsAreReproduced) {
  // growthbook packages/sdk-js/test/cases.json, specVersion 0.8.0: (salt, unit) -> bucket.
  EXPECT_EQ(bucket_of(HashRule::fnv1a_v1, "", "a"), 0.22);
  EXPECT_EQ(bucket_of(HashRule::fnv1a_v1, "", "b"), 0.077);
  EXPECT_EQ(bucket_of(HashRule::fnv1a_v1, "b", "a"), 0.946);
  EXPECT_EQ(bucket_of(HashRule::fnv1a_v1, "ef", "d"), 0.652);
  EXPECT_EQ(bucket_of(HashRule::fnv1a_v1, "asdf", "8952klfjas09ujk"), 0.549);
  EXPECT_EQ(bucket_of(HashRule::fnv1a, "seed", "a"), 0.0505);
  EXPECT_EQ(bucket_of(HashRule::fnv1a, "seed", "b"), 0.2696);
  EXPECT_EQ(bucket_of(HashRule::fnv1a, "foo", "ab"), 0.2575);
  EXPECT_EQ(bucket_of(HashRule::fnv1a, "foo", "def"), 0.2019);
}

TEST(BucketHash, MurmurVectorsAreReproduced) {
  EXPECT_EQ(murmur3_32("hello", 0), 613153351U);
  const auto optimizely = [](std::string_view unit, std::string_view experiment) {
    return static_cast<int>(bucket_of(HashRule::murmur3, experiment, unit) * 10'000);
  };
  EXPECT_EQ(optimizely("ppid1", "1886780721"), 5254);
  EXPECT_EQ(optimizely("ppid2", "1886780721"), 4299);
  EXPECT_EQ(optimizely("ppid2", "1886780722"), 2434);
  EXPECT_EQ(optimizely("ppid3", "1886780721"), 5439);
  EXPECT_EQ(murmur3_32("gr1:123", 0) % 100 + 1, 73U);  // Unleash
  EXPECT_EQ(murmur3_32("groupX:999", 0) % 100 + 1, 25U);
}

TEST(BucketHash, TheDefaultRuleIsReproducibleInAnyLanguage) {
  // python3: int(hashlib.sha256(b"ab:767").hexdigest()[:8], 16) / 2**32
  EXPECT_NEAR(bucket_of(HashRule::sha256, "ab", "767"), 0.971870380686596, 1e-15);
}

TEST(BucketHash, NamesRoundTrip) {
  for (const std::string_view name : hash_rule_names()) EXPECT_EQ(hash_rule_name(*hash_rule_named(name)), name);
  EXPECT_EQ(hash_rule_named("md5"), std::nullopt);
}

TEST(BucketHash, ManyIdsSplitEvenlyAndTwoSaltsAreIndependent) {
  const std::vector<Arm> arms{{"a", 0.3}, {"b", 0.7}};
  for (const HashRule rule : {HashRule::sha256, HashRule::fnv1a, HashRule::murmur3}) {
    std::vector<std::int64_t> counts(2);
    std::vector<std::int64_t> table(4);
    for (int id = 0; id < 100'000; ++id) {
      const std::string unit = "user-" + std::to_string(id);
      const std::size_t first = arm_of_bucket(bucket_of(rule, "one", unit), arms);
      const std::size_t second = arm_of_bucket(bucket_of(rule, "two", unit), arms);
      ++counts[first];
      ++table[first * 2 + second];
    }
    EXPECT_GT(stats::chi_square_shares(counts, std::vector<double>{0.3, 0.7}, {})->p_value, 0.001) << hash_rule_name(rule);
    EXPECT_GT(stats::chi_square_independence(table, 2, 2, {})->p_value, 0.001) << hash_rule_name(rule);
  }
}

}  // namespace
}  // namespace cupel::ab
