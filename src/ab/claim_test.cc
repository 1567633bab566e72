#include "ab/claim.h"

#include <gtest/gtest.h>

namespace cupel::ab {
namespace {

using suite::Verdict;

TEST(Claim, OnlyAWholeIntervalDecides) {
  const struct {
    double low, high;
    Claim claim;
    double margin;
    Verdict verdict;
  } cases[] = {
      {0.01, 0.03, Claim::better, 0, Verdict::pass},
      {0.01, 0.03, Claim::better, 0.02, Verdict::inconclusive},
      {-0.01, 0.005, Claim::better, 0.01, Verdict::fail},
      {-0.01, 0.03, Claim::not_worse, 0.02, Verdict::pass},
      {-0.03, 0.03, Claim::not_worse, 0.02, Verdict::inconclusive},
      {-0.05, -0.03, Claim::not_worse, 0.02, Verdict::fail},
      {-0.05, -0.03, Claim::different, 0, Verdict::pass},
      {-0.01, 0.01, Claim::different, 0.02, Verdict::fail},
      {-0.01, 0.01, Claim::different, 0, Verdict::inconclusive},
      {-0.01, 0.01, Claim::same, 0.02, Verdict::pass},
      {-0.01, 0.03, Claim::same, 0.02, Verdict::inconclusive},
      {0.03, 0.05, Claim::same, 0.02, Verdict::fail},
      {0, 0, Claim::not_worse, 0, Verdict::pass},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(judge({c.low, c.high, 0.95}, c.claim, c.margin), c.verdict)
        << c.low << " " << c.high << " " << claim_name(c.claim) << " " << c.margin;
  }
}

TEST(Claim, NamesRoundTrip) {
  for (const ClaimEntry& entry : claims()) EXPECT_EQ(claim_named(entry.name), entry.claim);
  EXPECT_EQ(claim_named("worse"), std::nullopt);
}

}  // namespace
}  // namespace cupel::ab
