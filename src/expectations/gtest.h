#pragma once

#include <gtest/gtest.h>

#include "expectations/expect.h"

/// Expectations as GoogleTest assertions: `EXPECT_PASS(data, expect::nulls("Age").equals(0).because("…"))` fails with what was seen, the
/// reason and the derivation.
namespace cupel::expect {

inline ::testing::AssertionResult passes(table::BatchSource& data, const Builder& expectation, table::BatchSource* reference = nullptr) {
  const auto outcome = check(expectation, data, reference);
  if (!outcome) return ::testing::AssertionFailure() << outcome.error().text();
  if (outcome->verdict == suite::Verdict::pass) return ::testing::AssertionSuccess() << explain(*outcome);
  return ::testing::AssertionFailure() << explain(*outcome);
}

}  // namespace cupel::expect

#define EXPECT_PASS(data, ...) EXPECT_TRUE(::cupel::expect::passes(data, __VA_ARGS__))
