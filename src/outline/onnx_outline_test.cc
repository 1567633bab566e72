#include "outline/onnx_outline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cupel::outline {
namespace {

using ::testing::HasSubstr;

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}
/// A field of bytes, and one of a number, in protobuf's wire format.
std::string bytes_field(int number, std::string_view bytes) { return varint(static_cast<std::uint64_t>(number) << 3 | 2) + varint(bytes.size()) + std::string(bytes); }
std::string number_field(int number, std::uint64_t value) { return varint(static_cast<std::uint64_t>(number) << 3) + varint(value); }

std::string node(std::string_view op, std::string_view domain, std::string_view attributes = "") {
  return bytes_field(1, bytes_field(4, op) + bytes_field(7, domain) + std::string(attributes));
}
std::string model(std::string_view graph, std::string_view further = "") {
  return number_field(1, 8) + bytes_field(7, graph) + bytes_field(8, bytes_field(1, "") + number_field(2, 17)) + std::string(further);
}
std::string message(std::string_view bytes) {
  const auto outline = read_outline(bytes, "m.onnx");
  return outline ? "" : outline.error().text();
}

TEST(OnnxOutline, TellsOpsetsMetadataAndClassLabels) {
  const std::string attribute = bytes_field(5, bytes_field(1, "classlabels_int64s") + bytes_field(8, varint(3) + varint(300)));
  const std::string entry = bytes_field(14, bytes_field(1, "cupel.model") + bytes_field(2, "reviews"));
  const auto outline = read_outline(model(node("LinearClassifier", "ai.onnx.ml", attribute) + node("Add", ""), entry), "m.onnx");
  ASSERT_TRUE(outline) << outline.error().text();
  EXPECT_EQ(outline->num_nodes, 2);
  EXPECT_EQ(outline->opsets.at(0), (std::pair<std::string, std::int64_t>("ai.onnx", 17)));
  EXPECT_EQ(outline->metadata.at(0), (std::pair<std::string, std::string>("cupel.model", "reviews")));
  EXPECT_EQ(outline->class_labels, (std::vector<std::string>{"3", "300"}));
}

TEST(OnnxOutline, RefusesOperatorsOfOtherDomainsAlsoInSubgraphs) {
  EXPECT_THAT(message(model(node("Evil", "com.example"))), HasSubstr("m.onnx: operator 'Evil' of the domain 'com.example' (supported: ai.onnx, ai.onnx.ml, com.microsoft; others only when their caller allows them)"));
  const std::string inner = bytes_field(5, bytes_field(1, "then_branch") + bytes_field(6, node("Evil", "com.example")));
  EXPECT_THAT(message(model(node("If", "", inner))), HasSubstr("operator 'Evil'"));
  EXPECT_THAT(message(model(node("Add", ""), bytes_field(25, "x"))), HasSubstr("functions of its own"));
}

/// A tensor of floats: sizes, then fields.
std::string floats(std::string_view name, std::initializer_list<std::int64_t> dims, std::string_view fields) {
  std::string bytes;
  for (const std::int64_t dim : dims) bytes += number_field(1, static_cast<std::uint64_t>(dim));
  return bytes + number_field(2, 1) + bytes_field(8, name) + std::string(fields);
}
std::string entry(std::string_view key, std::string_view value) { return bytes_field(13, bytes_field(1, key) + bytes_field(2, value)); }
std::string outside(std::string_view location, std::string_view further = "") { return entry("location", location) + std::string(further) + number_field(14, 1); }
std::string raw(std::size_t bytes) { return bytes_field(9, std::string(bytes, 'w')); }
std::string tensor(std::string_view bytes) { return bytes_field(5, bytes); }

TEST(OnnxOutline, TellsTensorsInOtherFilesWhereverTheyStand) {
  const std::string in_node = node("Constant", "", bytes_field(5, bytes_field(1, "value") + bytes_field(5, floats("c", {3}, outside("b.bin", entry("offset", "64"))))));
  const std::string in_sparse = bytes_field(15, bytes_field(1, floats("s", {2}, outside("a.bin"))) + number_field(3, 9));
  const auto outline = read_outline(model(tensor(floats("w", {2, 5}, outside("a.bin", entry("length", "40")))) + in_node + in_sparse), "m.onnx");
  ASSERT_TRUE(outline) << outline.error().text();
  ASSERT_EQ(outline->outside.size(), 3u);
  EXPECT_EQ(outline->outside[0].bytes, 40u);
  EXPECT_EQ(outline->outside[2].offset, 64u);
  EXPECT_EQ(outline->outside[2].bytes, 12u);
  EXPECT_EQ(outline->locations(), (std::vector<std::string>{"a.bin", "b.bin"}));
  EXPECT_TRUE(check_range(outline->outside[2], 76, "m.onnx"));
  EXPECT_THAT(check_range(outline->outside[2], 75, "m.onnx").error().message, HasSubstr("takes 12 bytes from 64 on of 'b.bin', which has 75"));
  EXPECT_FALSE(check_range({"w", "a.bin", UINT64_MAX, 12}, 75, "m.onnx"));
}

TEST(OnnxOutline, ATensorsBytesAreWhatItsShapeNeeds) {
  EXPECT_EQ(message(model(tensor(floats("w", {2, 5}, raw(40))))), "");
  EXPECT_EQ(message(model(tensor(floats("w", {2, 0, 5}, raw(0))))), "");
  EXPECT_EQ(message(model(tensor(floats("w", {}, raw(4))))), "");
  EXPECT_EQ(message(model(tensor(floats("w", {2}, bytes_field(4, std::string(8, 'f')))))), "");
  EXPECT_EQ(message(model(tensor(number_field(1, 3) + number_field(2, 22) + raw(2)))), "");  // three numbers of 4 bits
  EXPECT_THAT(message(model(tensor(floats("w", {2, 5}, raw(39))))), HasSubstr("tensor 'w' of shape [2, 5] needs 40 bytes, it has 39"));
  EXPECT_THAT(message(model(tensor(floats("w", {3}, bytes_field(4, std::string(8, 'f')))))), HasSubstr("needs 3 values, it has 2"));
  EXPECT_THAT(message(model(tensor(floats("w", {-3}, raw(4))))), HasSubstr("has the shape [-3]"));
  EXPECT_THAT(message(model(tensor(floats("w", {1 << 30, 1 << 30}, raw(0))))), HasSubstr("has the shape [1073741824, 1073741824]"));
  EXPECT_THAT(message(model(tensor(floats("w", {1}, raw(4))) + tensor(floats("w", {1}, raw(4))))), HasSubstr("'w' is there twice"));
  EXPECT_THAT(message(model(bytes_field(15, number_field(3, 1u << 31)))), HasSubstr("a sparse tensor of shape [2147483648]"));
}

TEST(OnnxOutline, WhatMayBeThereOnceIsRefusedTwice) {
  const std::string attribute = bytes_field(5, floats("c", {1}, raw(4)));
  EXPECT_EQ(message(model(node("Constant", "", bytes_field(5, bytes_field(1, "value") + attribute)))), "");
  EXPECT_THAT(message(model(node("Constant", "", bytes_field(5, bytes_field(1, "value") + attribute + attribute)))), HasSubstr("not an ONNX model"));
  EXPECT_THAT(message(model(node("Add", ""), bytes_field(7, node("Add", "")))), HasSubstr("not an ONNX model"));
  EXPECT_THAT(message(model(node("Add", ""), bytes_field(8, bytes_field(1, "ai.onnx") + number_field(2, 17)))), HasSubstr("'ai.onnx' is imported twice"));
}

TEST(OnnxOutline, RefusesWhatIsNoModelAndDeepNests) {
  EXPECT_THAT(message(""), HasSubstr("the file is empty"));
  for (const std::string_view bytes : {"a,b\n1,2\n", "\x08\x08", "PK\x03\x04", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}) EXPECT_THAT(message(bytes), HasSubstr("not an ONNX model"));
  std::string graph = node("Add", "");
  for (int i = 0; i < 40; ++i) graph = node("If", "", bytes_field(5, bytes_field(1, "then_branch") + bytes_field(6, graph)));
  EXPECT_THAT(message(model(graph)), HasSubstr("nested deeper"));
}

TEST(OnnxOutline, EveryShorterFileIsRefused) {
  const std::string whole = model(node("Add", "") + bytes_field(5, floats("weights", {25}, raw(100))));
  ASSERT_EQ(message(whole), "");
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_NE(message(std::string_view(whole).substr(0, size)), "") << size;
}

}  // namespace
}  // namespace cupel::outline
