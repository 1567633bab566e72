#include "prove/value_pattern.h"

#include <gtest/gtest.h>

#include <vector>

namespace cupel::prove {
namespace {

std::optional<std::string> induced(std::vector<std::string_view> texts) { return induced_pattern(texts); }

TEST(ValuePattern, RunsOfOneKindBecomeClassesWithTheLengthsSeen) {
  EXPECT_EQ(induced({"AB-1234", "XY-0001"}), "^[A-Z]{2}-[0-9]{4}$");
  EXPECT_EQ(induced({"2026-11-20", "2025-1-2"}), "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$");
  EXPECT_EQ(induced({"a.b", "c.d"}), "^[a-z]\\.[a-z]$");
}

TEST(ValuePattern, TextsWithoutACommonShapeHaveNone) {
  EXPECT_EQ(induced({"AB-1", "A1-B"}), std::nullopt);
  EXPECT_EQ(induced({"red", "green"}), std::nullopt);  // letters of any length say nothing
  EXPECT_EQ(induced({"Łódź-1", "Łódź-2"}), std::nullopt);
  EXPECT_EQ(induced({}), std::nullopt);
}

}  // namespace
}  // namespace cupel::prove
