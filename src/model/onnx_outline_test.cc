#include "model/onnx_outline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cupel::model {
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
  EXPECT_THAT(message(model(node("Evil", "com.example"))), HasSubstr("m.onnx: operator 'Evil' of the domain 'com.example' (supported: ai.onnx, ai.onnx.ml, com.microsoft)"));
  const std::string inner = bytes_field(5, bytes_field(1, "then_branch") + bytes_field(6, node("Evil", "com.example")));
  EXPECT_THAT(message(model(node("If", "", inner))), HasSubstr("operator 'Evil'"));
  EXPECT_THAT(message(model(node("Add", ""), bytes_field(25, "x"))), HasSubstr("functions of its own"));
}

TEST(OnnxOutline, RefusesTensorsInOtherFiles) {
  const std::string outside = bytes_field(13, bytes_field(1, "location") + bytes_field(2, "/etc/passwd")) + number_field(14, 1);
  EXPECT_THAT(message(model(bytes_field(5, outside))), HasSubstr("keeps tensors in other files"));
  EXPECT_THAT(message(model(node("Constant", "", bytes_field(5, bytes_field(1, "value") + bytes_field(5, outside))))), HasSubstr("in other files"));
  EXPECT_THAT(message(model(bytes_field(15, bytes_field(1, outside)))), HasSubstr("in other files"));
}

TEST(OnnxOutline, RefusesWhatIsNoModelAndDeepNests) {
  EXPECT_THAT(message(""), HasSubstr("the file is empty"));
  for (const std::string_view bytes : {"a,b\n1,2\n", "\x08\x08", "PK\x03\x04", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}) EXPECT_THAT(message(bytes), HasSubstr("not an ONNX model"));
  std::string graph = node("Add", "");
  for (int i = 0; i < 40; ++i) graph = node("If", "", bytes_field(5, bytes_field(1, "then_branch") + bytes_field(6, graph)));
  EXPECT_THAT(message(model(graph)), HasSubstr("nested deeper"));
}

TEST(OnnxOutline, EveryShorterFileIsRefused) {
  const std::string whole = model(node("Add", "") + bytes_field(5, bytes_field(8, "weights") + bytes_field(9, std::string(100, 'w'))));
  ASSERT_EQ(message(whole), "");
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_NE(message(std::string_view(whole).substr(0, size)), "") << size;
}

}  // namespace
}  // namespace cupel::model
