#include "registry/identifier.h"

#include <gtest/gtest.h>

namespace cupel::registry {
namespace {

TEST(Identifier, ReadsEachForm) {
  const auto newest = parse_identifier("reviews");
  ASSERT_TRUE(newest.has_value());
  EXPECT_EQ(newest->kind, Identifier::Kind::newest);
  EXPECT_EQ(newest->name, "reviews");
  const auto number = parse_identifier("reviews-2.1/12");
  ASSERT_TRUE(number.has_value());
  EXPECT_EQ(number->kind, Identifier::Kind::number);
  EXPECT_EQ(number->name, "reviews-2.1");
  EXPECT_EQ(number->number, 12);
  const auto alias = parse_identifier("reviews@champion");
  ASSERT_TRUE(alias.has_value());
  EXPECT_EQ(alias->alias, "champion");
  const auto digest = parse_identifier("sha256:0A1B2C3D");
  ASSERT_TRUE(digest.has_value());
  EXPECT_EQ(digest->digest, "0a1b2c3d");
}

TEST(Identifier, RefusesWhatIsNone) {
  for (const char* text :
       {"", "/3", "reviews/", "reviews/0", "reviews/-1", "reviews/1.5", "reviews/99999999999999999999", "reviews/1/2", "reviews@",
        "reviews@3", "reviews@a/b", "..", ".hidden", "a b", "a\nb", "sha256:", "sha256:1234567", "sha256:zzzzzzzz", "../../etc/passwd"}) {
    EXPECT_FALSE(parse_identifier(text).has_value()) << text;
  }
  EXPECT_FALSE(parse_identifier("sha256:" + std::string(65, 'a')).has_value());
  EXPECT_FALSE(parse_identifier(std::string(101, 'a')).has_value());
  EXPECT_TRUE(parse_identifier(std::string(100, 'a')).has_value());
}

TEST(Identifier, FilePathsStayInsideTheFolder) {
  for (const char* text : {"model.onnx", "weights/part-1.bin", "a..b", "..a", "naïve.onnx"})
    EXPECT_TRUE(check_file_path(text).has_value()) << text;
  for (const char* text : {"", "/etc/passwd", "..", "../x", "a/../../x", "a//b", "./a", "a/.", "a\\b", "a\tb", "a/", "\xff"}) {
    EXPECT_FALSE(check_file_path(text).has_value()) << text;
  }
  EXPECT_FALSE(check_file_path(std::string_view("a\0b", 3)).has_value());
  EXPECT_FALSE(check_file_path(std::string(256, 'a')).has_value());
}

}  // namespace
}  // namespace cupel::registry
