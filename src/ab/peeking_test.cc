#include "ab/peeking.h"

#include <gtest/gtest.h>

#include <limits>

namespace cupel::ab {
namespace {

const stats::Estimate k_estimate{0.1, 0.05, std::numeric_limits<double>::infinity()};

TEST(Peeking, OneLookIsThePlainInterval) {
  EXPECT_NEAR(interval_under({}, k_estimate, 1000, 0.95).low, 0.1 - 1.959963984540054 * 0.05, 1e-12);
}

TEST(Peeking, ALookUsesItsBoundOfTheSpending) {
  // gsDesign: Lan-DeMets O'Brien-Fleming, two-sided 5 %, k = 5: 4.8769, 3.3570, 2.6803, 2.2898, 2.0310.
  const Peeking third = *parse_look("3/5", "obrien-fleming");
  EXPECT_NEAR((interval_under(third, k_estimate, 600, 0.95).high - 0.1) / 0.05, 2.6802796, 2e-6);
  EXPECT_EQ(interval_under(third, k_estimate, 600, 0.95).confidence, 0.95);
  EXPECT_EQ(third.text(), "look 3 of 5 (O'Brien-Fleming spending)");
}

TEST(Peeking, AlwaysValidIsTheConfidenceSequence) {
  Peeking peeking;
  peeking.kind = Peeking::Kind::always_valid;
  EXPECT_NEAR(interval_under(peeking, k_estimate, 5000, 0.95).width() / (2 * 1.959964 * 0.05), 1.55, 0.006);
}

TEST(Peeking, NoErrorEstimateMeansNoBound) {
  const stats::Estimate unknown{0.1, std::numeric_limits<double>::infinity(), 1};
  EXPECT_EQ(interval_under({}, unknown, 1, 0.95).high, std::numeric_limits<double>::infinity());
}

TEST(Peeking, MistakesAreNamed) {
  EXPECT_EQ(parse_look("6/5", "pocock").error().message, "look '6/5', expected K/N such as 2/5, with N at most 100");
  EXPECT_EQ(parse_look("3", "pocock").error().message, "look '3', expected K/N such as 2/5, with N at most 100");
  EXPECT_EQ(parse_look("1/2", "pokock").error().message, "unknown spending 'pokock' (nearest: 'pocock')");
}

}  // namespace
}  // namespace cupel::ab
